"""A report as a notebook: what it says is said again by whoever runs it."""

import json

import nbformat
import pytest
from storekit import opened_run, row

import nbtrack
from nbtrack.query import Comparison
from nbtrack.records import MetricDefined
from nbtrack.reports import KINDS, Section, write_report
from nbtrack.store import Journal

UIDS = ("20260102-030405-00000001", "20260102-030406-00000002")
HOSTILE = "<script>'\"\n# [x](javascript:1) ${HOME} */\u2028"


@pytest.fixture
def pair(root):
    """Two runs of hostile names."""
    for number, uid in enumerate(UIDS):
        journal = Journal.create(root, opened_run(uid, name=f"{HOSTILE}{number}"))
        journal.append([MetricDefined(1_000_000, "loss", goal="minimize", summary=("best",))])
        journal.append([row(step, {"loss": step + number, HOSTILE: step}) for step in range(5)])
        journal.close()
    return root


def written(root, tmp_path, uids=UIDS, **said) -> nbformat.NotebookNode:
    out = tmp_path / "report.ipynb"
    file = write_report(Comparison.of_uids(root, uids), out, **said)
    assert file.size_bytes == out.stat().st_size
    notebook = nbformat.from_dict(json.loads(out.read_text("utf-8")))
    nbformat.validate(notebook)
    return notebook


def run_through(notebook: nbformat.NotebookNode) -> list[object]:
    """Run its code as a kernel would; return what it shows."""
    shown: list[object] = []
    names = {"display": lambda *values: shown.extend(values), "nbtrack": nbtrack}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, "<cell>", "exec"), names)  # noqa: S102 - our own code
    return shown


def test_every_section_is_code_that_runs(pair, tmp_path, capsys):
    sections = [one for one in KINDS if one != "charts"]

    shown = run_through(written(pair, tmp_path, sections=sections))

    assert "2 runs" in capsys.readouterr().out
    assert any(isinstance(one, dict) and "host" in one for one in shown)
    assert any(getattr(one, "uid", None) == UIDS[0] for one in shown)


def test_two_runs_have_one_diff(pair, tmp_path):
    told = [cell.source for cell in written(pair, tmp_path).cells if cell.cell_type == "code"]

    assert [one for one in told if "api.diff" in one] == [f"api.diff{UIDS!r}"]


def test_a_run_is_shown_as_it_stands_then(pair, tmp_path):
    notebook = written(pair, tmp_path, UIDS[:1], sections=["charts"])

    assert notebook.cells[-1].source == f"api.run({UIDS[0]!r}).display()"


def test_what_is_written_between_stays_where_it_is(pair, tmp_path):
    sections = ["overview", "## Mine\n\nand *more*", Section("comparison", keys=["loss"], x="time")]

    notebook = written(pair, tmp_path, sections=sections, title="A <b>title</b>", author="Ada_")

    told = [cell.source for cell in notebook.cells]
    assert told[0] == "# A &lt;b&gt;title&lt;/b&gt;\n\nAda\\_"
    assert told[4] == "## Mine\n\nand *more*"
    assert told[-1] == "nbtrack.compare(RUNS, keys=['loss'], x='time', root=ROOT)"


def test_hostile_names_are_text_in_it(pair, tmp_path):
    notebook = written(pair, tmp_path, UIDS[:1], sections=["overview"])

    title, beginning = notebook.cells[0].source, notebook.cells[1].source
    assert "<script" not in title
    assert "[x](" not in title.replace("\\[", "")
    assert [line for line in beginning.splitlines() if HOSTILE[:8] in line] == [
        line for line in beginning.splitlines() if line.startswith(f"    {UIDS[0]!r},  # ")
    ]
