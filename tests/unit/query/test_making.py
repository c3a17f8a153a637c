"""How runs were made: their cells, a notebook that makes them again, what differs."""

import json
import re

import nbformat
import pytest
from storekit import START_US, opened_run

from nbtrack.errors import UsageError
from nbtrack.query import Api
from nbtrack.records import CellRun, Closed, ConfigChanged, EnvironmentNoted, Row, RunState
from nbtrack.store import Ingester, Journal, run_folder

ONE, TWO = "20260102-030405-00000001", "20260102-030405-00000002"
GIT = {"commit": "0a1b2c", "branch": "main", "remote": "https://example.org/a.git", "dirty": True}


def cell(number: int, source: str, status: str = "ok", **more) -> CellRun:
    at_us = 0 if status == "before" else START_US + number * 1_000_000
    values = {
        "time_us": START_US,
        "number": number,
        "cell_id": None,
        "execution_count": number + 1,
        "source": source,
        "started_us": at_us,
        "duration_us": 500_000 if at_us else 0,
        "status": status,
    }
    return CellRun(**{**values, **more})


def write(root, uid: str, *records, files=None, name="otter", is_ingested=True) -> None:
    journal = Journal.create(root, opened_run(uid, id=uid[-3:], name=name))
    journal.append([*records, Closed(START_US + 9_000_000, RunState.FINISHED, 0, 9_000_000)])
    journal.close()
    for file, text in (files or {}).items():
        path = run_folder(root, uid) / "files" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if is_ingested:
        assert Ingester(root).ingest(uid)


CELLS = (
    cell(0, "import random", "before"),
    cell(1, "x = 1"),
    cell(2, "1 / 0", "error", error="ZeroDivisionError: division by zero"),
    cell(3, "while True: pass", "interrupted"),
    cell(4, 'password = "***"'),
    cell(5, "run.finish()", "ending"),
)


@pytest.mark.parametrize("is_ingested", [True, False])
def test_cells_are_told_in_order_from_database_and_journal(root, is_ingested) -> None:
    write(root, ONE, *CELLS, is_ingested=is_ingested)

    cells = Api(root).run("001").cells()

    assert [one["number"] for one in cells] == [0, 1, 2, 3, 4, 5]
    assert cells[0] == {
        "number": 0,
        "execution_count": 1,
        "cell_id": None,
        "source": "import random",
        "status": "before",
        "error": "",
        "before": True,
        "started_at": None,
        "duration": None,
    }
    assert (cells[2]["status"], cells[2]["error"]) == (
        "error",
        "ZeroDivisionError: division by zero",
    )
    assert (cells[2]["started_at"], cells[2]["duration"]) == ("2026-01-02T03:04:07Z", 0.5)
    assert not cells[2]["before"]


def test_cells_come_as_a_frame(root) -> None:
    write(root, ONE, *CELLS)

    frame = Api(root).run("001").cells(pandas=True)

    assert frame["status"].tolist() == [one.status for one in CELLS]


def test_the_notebook_has_every_execution_and_is_a_notebook(root) -> None:
    write(root, ONE, EnvironmentNoted(START_US, {"git": GIT, "python": "CPython 3.11"}), *CELLS)

    notebook = Api(root).run("001").notebook()

    nbformat.validate(nbformat.from_dict(notebook))
    about, *cells = notebook["cells"]
    assert [one["source"] for one in cells] == [one.source for one in CELLS]
    assert [one["metadata"].get("tags") for one in cells] == [
        None,
        None,
        ["raises-exception"],
        ["skip-execution"],
        None,
        None,
    ]
    assert notebook["metadata"]["nbtrack"]["commit"] == "0a1b2c"
    for told in (
        "`otter`",
        "`0a1b2c` of branch `main`",
        "`CPython 3.11`",
        "`[3]`",
        "`[4]`",
        "`[5]`",
    ):
        assert told in about["source"]


def test_the_notebook_names_packages_and_patches(root) -> None:
    files = {"requirements.txt": "numpy==2.1.0\ntorch==2.3\n", "diff.patch": "diff --git a b\n"}
    write(root, ONE, *CELLS, files=files)

    text = Api(root).run("001").notebook()["cells"][0]["source"]

    assert "```text\nnumpy==2.1.0\ntorch==2.3\n```" in text
    assert re.search(r"`git apply` `.*/files/diff.patch`", text)


def test_hostile_names_stay_text_in_the_notebook(root) -> None:
    """A notebook's first cell is rendered when it is opened."""
    evil = "a`b\n# c <img src=x onerror=alert(1)>"
    files = {"requirements.txt": "```\n<script>alert(1)</script>\n"}
    environment = EnvironmentNoted(START_US, {"git": {**GIT, "branch": evil}, "python": evil})
    write(root, ONE, environment, cell(0, "x"), files=files, name=evil)

    text = Api(root).run("001").notebook()["cells"][0]["source"]

    outside = re.sub(r"`[^`\n]*`", "", text.split("````text")[0])
    assert "<" not in outside
    assert "# c" not in outside
    assert "````text\n```\n<script>" in text


def test_links_in_a_run_lead_nowhere(root, tmp_path) -> None:
    """A run's folder may come from somebody else."""
    (tmp_path / "private").write_text("a secret of this machine\n")
    write(root, ONE, cell(0, "x"))
    write(root, TWO, cell(0, "x"))
    files = run_folder(root, ONE) / "files"
    (files / "code").mkdir(parents=True)
    for name in ("requirements.txt", "code/train.py", "diff.patch"):
        (files / name).symlink_to(tmp_path / "private")

    api = Api(root)

    assert "a secret" not in json.dumps(api.run("001").notebook())
    assert "a secret" not in str(api.diff("001", "002"))


def test_a_run_without_cells_says_so(root) -> None:
    write(root, ONE)

    with pytest.raises(UsageError, match="no cells of run 'otter' are known"):
        Api(root).run("001").notebook()


def test_what_differs_is_told_by_kind(root) -> None:
    write(
        root,
        ONE,
        ConfigChanged(START_US, {"lr": 0.1, "net": {"layers": 2, "act": "relu"}, "old": None}),
        EnvironmentNoted(START_US, {"git": GIT, "python": "3.11", "disk": {"/": {"used": 1}}}),
        cell(0, "lr = 0.1\ntrain(lr)"),
        Row(0, START_US, {"loss": 0.5}),
        files={"requirements.txt": "numpy==2.0\na @ file:///x\n", "code/t.py": "x = 1\ny = 2\n"},
    )
    write(
        root,
        TWO,
        ConfigChanged(START_US, {"lr": 0.2, "net": {"layers": 3, "act": "relu"}, "new": [1]}),
        EnvironmentNoted(START_US, {"git": {**GIT, "commit": "ff"}, "python": "3.12", "disk": 7}),
        cell(0, "lr = 0.2\ntrain(lr)"),
        Row(0, START_US + 1, {"loss": 0.25}),
        files={"requirements.txt": "numpy==2.1\nb==1\n", "code/t.py": "x = 1\ny = 3\n"},
    )

    found = Api(root).diff("001", "002")

    assert found.config.changed == {"lr": (0.1, 0.2), "net.layers": (2, 3)}
    assert (found.config.removed, found.config.added) == ({"old": None}, {"new": [1]})
    assert found.summary.changed == {"loss": (0.5, 0.25)}
    assert found.git.changed == {"commit": ("0a1b2c", "ff")}
    assert found.environment.changed == {"python": ("3.11", "3.12")}
    assert found.packages.changed == {"numpy": ("2.0", "2.1")}
    assert (found.packages.removed, found.packages.added) == ({"a": "file:///x"}, {"b": "1"})
    assert {"-lr = 0.1", "+lr = 0.2", " train(lr)"} <= set(found.cells)
    assert {"-y = 2", "+y = 3"} <= set(found.code["code/t.py"])
    assert "~ net.layers: 2 -> 3" in str(found)
    assert json.loads(json.dumps(found.as_dict()))["config"]["changed"]["lr"] == [0.1, 0.2]


def test_runs_that_are_alike_do_not_differ(root) -> None:
    nan = Row(0, START_US, {"loss": float("nan")})
    for uid in (ONE, TWO):
        write(root, uid, ConfigChanged(START_US, {"lr": float("nan")}), cell(0, "x = 1"), nan)

    found = Api(root).diff("001", "002")

    assert not found
    assert str(found).endswith("are alike")


def test_what_differs_is_shown_as_text_in_html(root) -> None:
    write(root, ONE, ConfigChanged(START_US, {"<b>": 1}), cell(0, "<script>alert(1)</script>"))
    write(root, TWO, ConfigChanged(START_US, {"<b>": 2}))

    shown = Api(root).diff("001", "002")._repr_html_()

    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown


def test_code_that_is_too_long_is_not_compared_line_by_line(root) -> None:
    write(root, ONE, cell(0, "x\n" * 15_000))
    write(root, TWO, cell(0, "y\n" * 15_000))

    [line] = Api(root).diff("001", "002").cells
    assert line == "15,002 and 15,002 lines: too long to be compared"
