"""`nbtrack cells`, `nbtrack reproduce`, `nbtrack diff`."""

import json
from pathlib import Path

import pytest
from storekit import START_US, opened_run

from nbtrack.records import CellRun, ConfigChanged
from nbtrack.store import Journal

ONE, TWO = "20260102-030405-00000001", "20260102-030405-00000002"


@pytest.fixture
def made(root) -> Path:
    """Two runs that were made by cells, and one that was not."""
    for uid, name, lr in ((ONE, "otter", 0.1), (TWO, "bear", 0.2)):
        journal = Journal.create(root, opened_run(uid, name=name, id=f"{name}-id"))
        source = f"lr = {lr}\n\ttrain('\x1b[31m')"
        cells = [
            CellRun(START_US, 0, "a", 1, "import x", 0, 0, "before"),
            CellRun(START_US, 1, "b", 2, source, START_US, 9_000_000, "error", "ValueError: x"),
        ]
        journal.append([ConfigChanged(START_US, {"lr": lr}), *cells])
        journal.close()
    Journal.create(root, opened_run("20260102-030405-00000003", name="script")).close()
    return root


def test_cells_are_printed_with_how_they_went(made, command) -> None:
    said = command("cells", "otter")

    assert said.code == 0
    assert said.out.splitlines() == [
        "[1] before",
        "    import x",
        "",
        "[2] error, 9.0s",
        "    lr = 0.1",
        "            train('·[31m')",
        "    ValueError: x",
        "",
    ]


def test_cells_are_json_for_programs(made, command) -> None:
    told = json.loads(command("cells", "otter", "--json").out)

    assert [cell["status"] for cell in told["cells"]] == ["before", "error"]


def test_a_run_without_cells_has_none(made, command) -> None:
    said = command("cells", "script")

    assert (said.code, said.out) == (0, "")
    assert "No cells of run 'script' are known" in said.err


def test_a_notebook_is_written_and_never_over_another(made, command, tmp_path) -> None:
    path = tmp_path / "new" / "again.ipynb"

    said = command("reproduce", "otter", "-o", str(path))
    again = command("reproduce", "bear", "-o", str(path))

    assert said.out == f"{path}: 2 cells of run 'otter'.\n"
    assert json.loads(path.read_text())["cells"][2]["source"].startswith("lr = 0.1")
    assert (again.code, "is there already" in again.err) == (2, True)
    assert "lr = 0.1" in path.read_text()
    assert command("reproduce", "bear", "-o", str(path), "--force").code == 0
    assert "lr = 0.2" in path.read_text()


def test_a_notebook_is_printed(made, command) -> None:
    assert json.loads(command("reproduce", "otter", "-o", "-").out)["nbformat"] == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["script", "-o", "{}/a.ipynb"], "no cells of run 'script' are known"),
        (["otter", "-o", "{}"], "is a folder. Type -o"),
        (["otter", "-o", "-", "--json"], "with -o - there is none"),
        (["oter", "-o", "{}/a.ipynb"], "Did you mean 'otter'?"),
    ],
)
def test_what_cannot_be_reproduced_is_said(made, command, tmp_path, arguments, told) -> None:
    said = command("reproduce", *(text.format(tmp_path) for text in arguments))

    assert said.code in (1, 2)
    assert told in said.err
    assert not (tmp_path / "a.ipynb").exists()


def test_what_differs_is_printed(made, command) -> None:
    lines = command("diff", "otter", "bear").out.splitlines()

    assert lines[0] == "otter (ada/digits/otter-id) and bear (ada/digits/bear-id)"
    assert "~ lr: 0.1 -> 0.2" in lines
    assert {"CONFIG", "CELLS", "-lr = 0.1", "+lr = 0.2"} <= set(lines)


def test_runs_that_are_alike_are_said_to_be(made, command) -> None:
    assert command("diff", "otter", "otter").out.endswith("are alike\n")


def test_what_differs_is_json_for_programs(made, command) -> None:
    told = json.loads(command("diff", "otter", "bear", "--json").out)

    assert told["config"] == {"added": {}, "removed": {}, "changed": {"lr": [0.1, 0.2]}}
    assert "+lr = 0.2" in told["cells"]
