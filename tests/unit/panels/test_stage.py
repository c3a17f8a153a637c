import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from waiting import wait_until

from nbtrack.errors import MissingDependencyError, RunNotFoundError
from nbtrack.panels import MIME_TYPE
from nbtrack.panels.script import read_script
from tests.unit.panels.screen import WIDGET, Screen, patched


def test_a_run_that_goes_on_is_shown_live(screen, write):
    run = write()
    run.log(loss=1.0)

    shown = screen.show(run)

    ((bundle, display_id, update),) = screen.published
    assert (display_id, update) == (shown.display_id, False)
    assert bundle[WIDGET] == {
        "version_major": 2,
        "version_minor": 0,
        "model_id": screen.comms[0].comm_id,
    }
    assert set(bundle) == {WIDGET, MIME_TYPE, "text/html", "text/plain"}
    assert screen.stage.shows(run.uid)


def test_freezing_replaces_the_widget_by_the_picture_that_stays(screen, write):
    """Notebooks are opened without their kernel more often than with it."""
    run = write()
    shown = screen.show(run)
    run.log(loss=0.5)
    run.finish()

    shown.freeze()
    shown.freeze()

    assert len(screen.published) == 2
    bundle, display_id, update = screen.published[-1]
    assert (display_id, update) == (shown.display_id, True)
    assert set(bundle) == {MIME_TYPE, "text/html", "text/plain"}
    assert bundle[MIME_TYPE]["snapshot"]["run"]["state"] == "finished"
    assert "loss" in bundle["text/plain"]


def test_freezing_a_run_freezes_all_its_outputs_and_no_other(screen, write):
    ending, going = write(), write()
    outputs = [screen.show(ending).display_id, screen.show(ending, batch=True).display_id]
    screen.show(going)
    before = len(screen.published)

    screen.stage.freeze(ending.uid)

    assert [display_id for _, display_id, _ in screen.published[before:]] == outputs
    assert not screen.stage.shows(ending.uid)
    assert screen.stage.shows(going.uid)


def test_a_frozen_run_is_told_to_views_that_an_update_does_not_reach(screen, write):
    """After a page reload no front end knows which output an update is meant for."""
    run = write()
    shown = screen.show(run)
    comm = screen.comms[0]
    comm.ask("hello", run.uid)
    run.finish()

    shown.freeze()

    wait_until(
        lambda: any(one.head["run"]["state"] == "finished" for one in comm.of("snapshot")),
        what="the end",
    )


def test_a_run_that_has_ended_is_shown_as_the_picture_that_stays(screen, write):
    run = write()
    run.finish()

    shown = screen.show(run)

    ((bundle, _, _),) = screen.published
    assert WIDGET not in bundle
    assert shown.frozen
    assert screen.comms == []
    assert not screen.stage.shows(run.uid)


def test_where_no_browser_looks_a_picture_is_shown_and_brought_up_to_date(screen, write):
    run = write()
    shown = screen.show(run, batch=True)
    screen.stage.refresh()
    assert len(screen.published) == 1

    run.log(loss=1.0)
    screen.stage.refresh()

    bundle, display_id, update = screen.published[-1]
    assert (len(screen.published), display_id, update) == (2, shown.display_id, True)
    assert "loss" in bundle["text/plain"]
    assert WIDGET not in bundle
    assert screen.comms == []


def test_a_panel_that_somebody_looks_at_is_not_replaced_by_a_newer_one(screen, write):
    """An update with a widget builds the view anew: tab and zoom would be lost."""
    run = write()
    screen.show(run)
    screen.comms[0].ask("hello", run.uid)
    screen.clock.ahead_s += 60
    run.log(loss=1.0)

    screen.stage.refresh()

    assert len(screen.published) == 1


def test_a_front_end_that_never_shows_widgets_gets_newer_pictures(screen, write):
    run = write()
    screen.show(run)
    run.log(loss=1.0)
    screen.stage.refresh()
    assert len(screen.published) == 1

    screen.clock.ahead_s += 10
    screen.stage.refresh()

    assert len(screen.published) == 2
    assert WIDGET in screen.published[-1][0]


def test_a_picture_that_cannot_be_taken_is_told_once_and_never_raised(screen, write):
    """At the end of a kernel nobody could catch it."""
    runs = [write(), write()]
    for run in runs:
        screen.show(run, batch=True)
        run.journal.path.unlink()

    screen.stage.freeze()

    (notice,) = screen.notices
    assert notice.cause == "panel freeze RunNotFoundError"
    assert "a panel could not freeze: RunNotFoundError: no run" in notice.text


def test_a_run_that_is_not_there_is_an_error(screen, root):
    with pytest.raises(RunNotFoundError, match="20260101-000000-none"):
        screen.stage.show(root, "20260101-000000-none", height=400, batch=False)


def test_a_panel_that_was_never_built_says_how_to_build_it(monkeypatch, write, tmp_path):
    screen = patched(Screen(script=partial(read_script, tmp_path)), monkeypatch)

    with pytest.raises(MissingDependencyError, match=r"was never built\. Build it with\n +make"):
        screen.show(write())

    assert screen.published == []


def test_showing_nothing_loads_nothing_heavy():
    """The server, the command line and scripts never show a widget."""
    code = "import sys, nbtrack.panels as p; p.Stage; p.parse_intent; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )

    heavy = {"IPython", "anywidget", "duckdb", "ipywidgets", "numpy", "plotly", "psutil"}
    assert heavy & set(loaded.stdout.split()) == set()
