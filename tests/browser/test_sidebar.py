"""The list of runs beside the notebook, and the tab that a click opens."""

import contextlib
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from browser.accessibility import violations
from browser.page import LabPage
from browser.panel import Panel
from browser.training import Training
from playwright.sync_api import Locator, expect
from waiting import wait_until

from nbtrack.records import ClockTurned, Closed, ConfigChanged, Opened, Row, RunState
from nbtrack.store import Journal, clear_stop, stop_requested, this_process

HOUR_US = 3_600_000_000


def row_of(sidebar: Locator, name: str, state: str = "") -> Locator:
    """Return the button of a run, whatever its metric says just now."""
    return sidebar.get_by_role("button", name=re.compile(f"^{re.escape(name)}, {state}"))


def test_a_run_appears_by_itself_and_ends_by_itself(lab: LabPage, training: Training) -> None:
    sidebar = lab.sidebar()
    lab.open("listed.ipynb", [training.cell])
    assert row_of(sidebar, training.name).count() == 0

    lab.run(0)

    running = row_of(sidebar, training.name, "running")
    expect(running).to_be_visible()
    expect(running.locator("svg.nbt-lab-spark")).to_be_visible()
    said = running.get_attribute("aria-label")
    wait_until(lambda: running.get_attribute("aria-label") != said, what="a new value")
    training.end()
    expect(row_of(sidebar, training.name, "finished")).to_be_visible()


def test_a_click_opens_the_run_in_a_tab_that_moves(lab: LabPage, training: Training) -> None:
    lab.open("tab.ipynb", [training.cell])
    lab.run(0)
    row_of(lab.sidebar(), training.name).click()

    panel = Panel(lab.run_tab())
    panel.expect_run(training.name)
    panel.expect_to_move()
    lab.screenshot("run-tab-light")
    assert lab.page.get_by_role("tab", name=training.name).count() == 1


def test_stop_works_from_the_tab(lab: LabPage, training: Training) -> None:
    lab.open("tab-stop.ipynb", [training.cell])
    lab.run(0)
    row_of(lab.sidebar(), training.name).click()
    panel = Panel(lab.run_tab())
    panel.expect_live(training.name)

    panel.stop()

    panel.expect_state("killed")
    lab.show("tab-stop.ipynb")
    lab.wait_idle()


def test_a_run_whose_kernel_was_killed_is_crashed(lab: LabPage, training: Training) -> None:
    sidebar = lab.sidebar()
    lab.open("killed.ipynb", [training.cell])
    lab.run(0)
    expect(row_of(sidebar, training.name, "running")).to_be_visible()

    lab.kill_kernel_of(training.name, signal.SIGKILL)

    expect(row_of(sidebar, training.name, "crashed")).to_be_visible()


def test_the_run_tab_comes_back_with_the_page(lab: LabPage, training: Training) -> None:
    training.end()
    lab.open("restored.ipynb", [training.cell])
    lab.run_all()
    lab.save()
    row_of(lab.sidebar(), training.name).click()
    Panel(lab.run_tab()).expect_run(training.name)
    lab.save_layout()

    lab.reload()

    panel = Panel(lab.run_tab())
    panel.expect_run(training.name)
    panel.expect_state("finished")


def test_runs_are_found_by_name_by_filter_and_by_chips(lab: LabPage) -> None:
    """What is chosen is there again after a reload."""
    sidebar = sidebar_of_150(lab)
    search = sidebar.get_by_role("combobox")

    search.fill("CROWD-1[45]")
    expect(sidebar.get_by_role("status").first).to_have_text(re.compile("^12 of"))
    search.fill("config.lr < 0.1 and project = crowd")
    expect(sidebar.get_by_role("status").first).to_have_text(re.compile("^50 of .* filter"))
    search.fill("config.lr <")
    expect(search).to_have_attribute("aria-invalid", "true")
    expect(sidebar.get_by_role("status").first).to_contain_text("expected a value")
    expect(row_of(sidebar, "crowd-149")).to_be_visible()
    search.fill("project = crowd and config.l")
    expect(sidebar.get_by_role("option", name="config.lr")).to_be_visible()
    lab.page.keyboard.press("Tab")
    expect(search).to_have_value("project = crowd and config.lr ")
    lab.page.keyboard.press("Enter")
    expect(sidebar.get_by_role("button", name=re.compile("^Remove filter project"))).to_be_visible()
    choose(lab, sidebar, "Add a filter", "State", "failed")
    choose(lab, sidebar, "Sort runs", "By a value", "config.n ")
    expect(sidebar.get_by_role("status").first).to_have_text(re.compile("^75 of"))
    assert violations(sidebar) == []
    lab.save_layout()

    lab.reload()

    first = lab.sidebar().locator(".nbt-lab-run").first
    expect(first).to_have_attribute("aria-label", "crowd-149, failed, config.n 149")
    sidebar.get_by_role("button", name="Remove filter State: failed").click()
    expect(sidebar.get_by_role("status").first).to_have_text(re.compile("^150 of"))


def test_the_keyboard_reaches_every_run(lab: LabPage) -> None:
    """Only some rows are there at a time; the keyboard must not notice."""
    sidebar = sidebar_of_150(lab)
    search = sidebar.get_by_role("combobox")
    search.fill("crowd-")
    expect(sidebar.get_by_role("status").first).to_have_text(re.compile("^150 of"))
    expect(row_of(sidebar, "crowd-149")).to_be_visible()
    assert sidebar.get_by_role("listitem").count() < 60

    lab.page.keyboard.press("ArrowDown")
    expect(row_of(sidebar, "crowd-149")).to_be_focused()
    lab.page.keyboard.press("Space")
    expect(row_of(sidebar, "crowd-149")).to_have_accessible_name(re.compile("selected$"))
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("ArrowDown")
    expect(row_of(sidebar, "crowd-147")).to_be_focused()
    lab.page.keyboard.press("Shift+Space")
    chosen = sidebar.get_by_role("toolbar", name="Selected runs")
    expect(chosen.get_by_role("status")).to_have_text("3 selected")
    assert lab.page.locator(".nbt-lab-tab").count() == 0
    lab.page.keyboard.press("Escape")
    expect(chosen).to_be_hidden()
    lab.page.keyboard.press("End")
    expect(row_of(sidebar, "crowd-0")).to_be_focused()
    lab.page.keyboard.press("Home")
    group = sidebar.get_by_role("button", name=re.compile("^crowd"), expanded=True)
    expect(group).to_be_focused()
    lab.page.keyboard.press("ArrowLeft")
    expect(row_of(sidebar, "crowd-149")).to_have_count(0)
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("/")
    expect(search).to_be_focused()
    lab.page.keyboard.press("Escape")
    expect(search).to_have_value("")


def test_a_run_that_was_left_open_is_told_with_what_can_be_done(lab: LabPage) -> None:
    sidebar = lab.sidebar()
    with left_open(lab.server.workspace, "forgotten") as uid:
        note = sidebar.get_by_role("note").filter(has_text="forgotten is still open")
        expect(note).to_be_visible()
        sidebar.get_by_role("combobox").fill("forgotten")  # it may lie further down
        expect(row_of(sidebar, "forgotten", "idle")).to_be_visible()
        expect(lab.page.locator("[data-nbt-open]")).to_have_count(1)

        note.get_by_role("button", name="Finish").click()
        note.get_by_role("button", name="Really finish?").click()
        workspace = lab.server.workspace
        wait_until(lambda: stop_requested(workspace, uid, "finish"), what="the request")
        note.get_by_role("button", name="Dismiss").click()
        expect(note).to_have_count(0)

        clear_stop(workspace, uid, "finish")  # as its kernel would, which here is none
        row_of(sidebar, "forgotten").click()
        Panel(lab.run_tab()).finish()
        wait_until(lambda: stop_requested(workspace, uid, "finish"), what="the panel's request")


def sidebar_of_150(lab: LabPage) -> Locator:
    """Return the list of runs with 150 of project `crowd` in it, and the focus to itself."""
    lab.settle()
    for number in range(150):
        write_run(lab.server.workspace, number)
    return lab.sidebar()


def choose(lab: LabPage, sidebar: Locator, button: str, menu: str, row: str) -> None:
    """Choose from a menu in a menu."""
    sidebar.get_by_role("button", name=button).click()
    lab.page.get_by_role("menuitem", name=menu).click()
    lab.page.get_by_role("menuitemcheckbox", name=row).first.click()


def write_run(root: Path, number: int) -> None:
    """Write a run that has ended, unless it is there."""
    uid = f"20260101-000000-{number:08x}"
    if (root / "runs" / uid).exists():
        return
    begun_us = time.time_ns() // 1_000 - (200 - number) * HOUR_US
    opened = Opened(
        uid, f"n{number}", "ada", "crowd", f"crowd-{number}", begun_us, this_process("kernel-1")
    )
    journal = Journal.create(root, opened)
    journal.append([ConfigChanged(begun_us, {"lr": 10.0 ** -(number % 3), "n": number})])
    state = RunState.FAILED if number % 2 else RunState.FINISHED
    journal.append([Closed(begun_us + HOUR_US, state, number % 2, HOUR_US)])
    journal.close()


@contextlib.contextmanager
def left_open(root: Path, name: str) -> Iterator[str]:
    """Write a run of this process in which nothing goes on since an hour; yield its uid."""
    uid, now_us = "20260101-000001-0000beef", time.time_ns() // 1_000
    opened = Opened(uid, "left", "ada", "crowd", name, now_us - 2 * HOUR_US, this_process("k"))
    journal = Journal.create(root, opened)
    journal.append([Row(0, now_us - HOUR_US, {"loss": 0.5})])
    journal.append([ClockTurned(now_us - HOUR_US, HOUR_US, running=False)])
    try:
        yield uid
    finally:
        journal.append([Closed(now_us, RunState.FINISHED, 0, HOUR_US)])
        journal.close()
