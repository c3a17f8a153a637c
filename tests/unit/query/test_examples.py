"""What the documentation of `Api()` shows is what happens."""

import doctest

import pytest
from storekit import START_US, opened_run, row

import nbtrack
from nbtrack import query, runs
from nbtrack.query import (
    addresses,
    apicells,
    apifiles,
    apishowing,
    contrasting,
    fields,
    filters,
    times,
)
from nbtrack.query.comparing import differences, leaves, t_quantile
from nbtrack.records import CellRun, Closed, ConfigChanged, ConsoleText, Notice, RunState, Stream
from nbtrack.store import Journal, run_folder

UID = "20260102-030405-1f3k9x2a"
SHOWN = [nbtrack.Api, query.Api, query.ApiRun, query.ApiFile, query.Runs, query.Table]
SHOWN += [apishowing.ApiShown, query.Comparison, runs.Comparison, nbtrack.compare]
SHOWN += [
    apifiles.ApiFiles,
    differences,
    leaves,
    t_quantile,
    apicells.ApiCells,
    contrasting.changes,
]
EXAMPLES = [
    test
    for shown in (*SHOWN, addresses, filters, fields, times)
    for test in doctest.DocTestFinder().find(shown, globs={})
    if test.examples
]


@pytest.fixture
def names(root, monkeypatch):
    """The workspace that the examples speak of."""
    monkeypatch.chdir(root.parent)
    journal = Journal.create(root, opened_run(UID, id="1f3k9x2a", name="brave-otter-1"))
    journal.append([ConfigChanged(START_US, {"lr": 0.1}), row(0, {"loss": 0.9})])
    journal.append([row(1, {"loss": 0.3}), ConsoleText(START_US, Stream.STDOUT, "done")])
    journal.append([Notice(START_US, "error", "alert: loss is NaN", "at epoch 3")])
    for number, source in enumerate(["run = nbtrack.init()", "train(lr=0.1)"]):
        journal.append([CellRun(START_US, number, None, number, source, START_US, 1, "ok")])
    journal.append([Closed(START_US + 1, RunState.FINISHED, 0, 1)])
    journal.close()
    files = run_folder(root, UID) / "files"
    (files / "models").mkdir(parents=True)
    for name in ("models/best.pt", "notes.txt"):
        (files / name).touch()
    api = query.Api(root)
    run = api.run("1f3k9x2a")
    return {
        "nbtrack": nbtrack,
        "address_in": addresses.address_in,
        "api": api,
        "comparison": query.Comparison(root, "digits"),
        "differences": differences,
        "changes": contrasting.changes,
        "leaves": leaves,
        "t_quantile": t_quantile,
        "run": run,
        "parse_filters": filters.parse_filters,
        "iso": times.iso,
    }


@pytest.fixture
def idle(root, monkeypatch):
    """An open run in which nothing goes on, as a kernel has it between two cells."""
    session = runs.session()
    monkeypatch.setattr(session, "finisher", session.close)
    with nbtrack.init(project="digits", dir=root, settings={"silent": True}) as run:
        session.pause()
        yield query.Api(run.root).run(run.id)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda test: test.name)
def test_an_example_does_what_it_shows(example, names, request):
    if example.name == "ApiRun.finish":
        names["run"] = request.getfixturevalue("idle")
    example.globs = names

    found = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example)

    assert found.attempted
    assert not found.failed
