"""The table of runs in the main area: looked at, changed and asked without a kernel."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.accessibility import violations
from browser.conftest import SCREEN, slug
from browser.page import LabPage
from browser.server import BASE, LabServer
from playwright.sync_api import Browser, Locator, expect
from storekit import START_US, opened_run

from nbtrack.records import Closed, ConfigChanged, Row, RunState
from nbtrack.store import Ingester, Journal, Reader, trash_run, trashed

SEARCH = "Search runs: part of a name"
HOSTILE = "<img src=x onerror=alert(1)>"
CHOOSE = """([place, columns]) =>
  localStorage.setItem("nbtrack.table:" + place, JSON.stringify({ columns, chosen: true }))"""
NAMES = ("otter", "heron", "lynx", "raven")


def write_runs(root: Path) -> None:
    """Write four runs that have ended, in two groups of learning rates."""
    root.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(NAMES):
        uid = f"20260301-00000{number}-table000"
        rate = 0.1 if number % 2 else 0.01
        opened = opened_run(
            uid, project="table-tests", name=name, time_us=START_US + number, tags=(HOSTILE,)
        )
        journal = Journal.create(root, opened)
        rows = [Row(step, START_US + step, {"acc": number / 10 + step / 100}) for step in range(9)]
        config = ConfigChanged(START_US, {"rate": rate})
        ended = Closed(START_US + 10, RunState.FINISHED, 0, 2_000_000)
        journal.append([config, *rows, ended])
        journal.close()
        Ingester(root).ingest(uid)


@pytest.fixture(scope="module")
def lab(server: LabServer, browser: Browser) -> Iterator[LabPage]:
    """Open JupyterLab once for all tests of this file, with the table of four runs."""
    write_runs(server.workspace)
    context = browser.new_context(viewport=SCREEN)
    lab = LabPage(context.new_page(), server)
    lab.start(workspace=slug(__name__))
    # Other tests leave runs of other values behind, which would be the usual columns.
    lab.page.evaluate(CHOOSE, [f"{BASE}/", ["name", "state", "summary.acc", "config.rate", "tags"]])
    lab.settle()
    lab.command("nbtrack:open-table")
    lab.page.get_by_role("searchbox", name=SEARCH).fill("project = table-tests")
    yield lab
    context.close()
    assert lab.errors == []
    assert lab.dialogs == []


def grid(lab: LabPage) -> Locator:
    """Return the grid."""
    return lab.page.get_by_role("grid", name="Runs")


def names(lab: LabPage) -> list[str]:
    """Return the names of the runs in the grid, from top to bottom."""
    lines = grid(lab).locator('[data-kind="run"]').all()
    found = {int(one.get_attribute("aria-rowindex") or 0): one for one in lines}
    cells = [found[index].locator('[data-column="name"]') for index in sorted(found)]
    return [cell.inner_text() for cell in cells]


def head(lab: LabPage, column: str) -> Locator:
    """Return the head of a column."""
    return grid(lab).get_by_role("columnheader", name=column, exact=True)


def box(lab: LabPage, name: str) -> Locator:
    """Return the box that chooses a run."""
    return grid(lab).get_by_role("checkbox", name=f"Choose {name}", exact=True)


def run_of(lab: LabPage, name: str) -> str:
    """Return the uid of a run as the store has it."""
    found = Reader(lab.server.workspace).runs()
    return next(run.opened.uid for run in found if run.opened.name == name)


def test_values_of_configs_and_summaries_are_columns_that_sort(lab: LabPage) -> None:
    expect(grid(lab)).to_have_attribute("aria-rowcount", "5")
    expect(box(lab, "otter")).to_be_visible()
    assert names(lab) == ["raven", "lynx", "heron", "otter"]
    # It stays when others are scrolled below it, and must not let them shine through.
    expect(head(lab, "Name")).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")

    head(lab, "rate").click()
    expect(head(lab, "rate")).to_have_attribute("aria-sort", "ascending")
    head(lab, "acc").click(modifiers=["Shift"])
    head(lab, "acc").click(modifiers=["Shift"])

    expect(head(lab, "acc")).to_have_attribute("aria-sort", "descending")
    lab.page.wait_for_function(
        "() => document.querySelector('.nbt-rt-line[style*=\"top: 0px\"] .nbt-rt-open')"
        "?.textContent === 'lynx'"
    )
    assert names(lab) == ["lynx", "otter", "raven", "heron"]


def test_hostile_text_stays_text_and_the_page_has_no_flaws(lab: LabPage) -> None:
    expect(grid(lab).get_by_text(HOSTILE).first).to_be_visible()

    assert grid(lab).locator("img").count() == 0
    assert violations(lab.page.get_by_role("region", name="Table of runs")) == []
    lab.theme("Light")  # tests before may have left another one
    lab.screenshot("runs-table-light")


def test_a_name_is_changed_in_its_cell_by_keys_alone(lab: LabPage) -> None:
    box(lab, "raven").focus()
    for key in ("ArrowRight", "F2", "Control+A"):
        lab.page.keyboard.press(key)
    lab.page.keyboard.type("grey raven")

    lab.page.keyboard.press("Enter")

    expect(box(lab, "grey raven")).to_be_visible()
    assert run_of(lab, "grey raven")
    expect(grid(lab).locator(":focus")).to_have_attribute("data-column", "name")


def test_a_name_that_cannot_be_is_said_in_its_cell_and_left(lab: LabPage) -> None:
    lab.page.keyboard.press("F2")
    lab.page.keyboard.press("Control+A")
    lab.page.keyboard.press("Delete")
    lab.page.keyboard.press("Enter")

    expect(grid(lab).get_by_role("alert")).to_contain_text("Not saved: a name is not empty")
    lab.page.keyboard.press("Escape")
    expect(box(lab, "grey raven")).to_be_visible()


def test_runs_go_to_the_trash_and_come_back(lab: LabPage) -> None:
    box(lab, "otter").click()
    box(lab, "heron").click()
    bar = lab.page.get_by_role("toolbar", name="Chosen runs")
    expect(bar).to_contain_text("2 chosen")
    bar.get_by_role("button", name="Finish").click()
    question = lab.page.get_by_role("dialog", name="Finish 2 runs?")
    question.get_by_role("button", name="Keep open").click()
    expect(question).to_have_count(0)

    bar.get_by_role("button", name="Move to trash").click()
    question = lab.page.get_by_role("dialog", name="Move 2 runs to the trash?")
    question.get_by_role("button", name="Move to trash").click()

    expect(box(lab, "otter")).to_have_count(0)
    assert {run.name for run in trashed(lab.server.workspace)} >= {"otter", "heron"}
    bar.get_by_role("button", name="Undo").click()
    expect(box(lab, "otter")).to_be_visible()


def test_the_open_trash_shows_what_comes_by_other_hands(lab: LabPage) -> None:
    """Whoever walks through it by keys stays where they are."""
    root, bar = lab.server.workspace, lab.page.locator(".nbt-rt-bar")
    trash_run(root, run_of(lab, "heron"))
    bar.get_by_role("button", name="Trash").click()
    held = lab.page.get_by_role("table", name="Runs in the trash")
    held.get_by_role("checkbox", name="Choose heron").focus()

    trash_run(root, run_of(lab, "otter"))

    expect(held.get_by_role("checkbox", name="Choose otter")).to_be_visible()
    expect(held.get_by_role("checkbox", name="Choose heron")).to_be_focused()
    held.get_by_role("checkbox", name="Choose heron").press("Space")
    held.get_by_role("checkbox", name="Choose otter").press("Space")
    lab.page.get_by_role("region", name="Trash").get_by_role("button", name="Restore").click()
    expect(held.get_by_role("checkbox", name="Choose heron")).to_have_count(0)
    bar.get_by_role("button", name="Trash").click()
    expect(box(lab, "otter")).to_be_visible()


def test_runs_go_to_the_trash_from_the_list_and_come_back(lab: LabPage) -> None:
    sidebar = lab.sidebar()
    sidebar.get_by_role("combobox").fill("project = table-tests")
    lynx = sidebar.get_by_role("button", name=re.compile("^lynx, "))
    lynx.click(modifiers=["ControlOrMeta"])

    bar = sidebar.get_by_role("toolbar", name="Selected runs")
    bar.get_by_role("button", name="Move to trash").click()
    question = lab.page.get_by_role("dialog").filter(has_text="Move 1 run to the trash?")
    question.get_by_role("button", name="Move to trash").click()

    expect(lynx).to_have_count(0)
    expect(bar).to_be_hidden()
    assert "lynx" in {run.name for run in trashed(lab.server.workspace)}
    note = lab.page.get_by_role("alert").filter(has_text="1 run is in the trash.")
    note.get_by_role("button", name="Undo").click()
    expect(lynx).to_be_visible()
    expect(box(lab, "lynx")).to_be_visible()


def test_groups_say_the_means_of_all_their_runs(lab: LabPage) -> None:
    head(lab, "rate").click(button="right")
    lab.page.get_by_role("menuitem", name="Group by it").click()

    group = grid(lab).get_by_role("row", name=re.compile("^rate 0.1 2 runs"))
    expect(group).to_contain_text("0.28 ± 0.14")
    group.click()
    expect(box(lab, "heron")).to_be_visible()
    lab.page.get_by_role("combobox", name="Group by").first.select_option("")


def test_charts_stand_beside_the_table_in_the_colours_of_its_dots(lab: LabPage) -> None:
    lab.page.locator(".nbt-rt-bar").get_by_role("button", name="Charts").click()

    charts = lab.page.get_by_role("region", name="Comparison of runs")
    expect(charts).to_contain_text("4 runs compared")
    expect(grid(lab).locator(".nbt-rt-dot")).to_have_count(4)
    box(lab, "lynx").click()
    expect(charts).to_contain_text("1 run compared")
    expect(grid(lab).locator(".nbt-rt-dot")).to_have_count(1)
    lab.theme("Dark")
    lab.screenshot("runs-table-dark")
    lab.theme("Light")


def test_how_the_table_is_looked_at_survives_a_reload(lab: LabPage) -> None:
    lab.reload()
    lab.command("nbtrack:open-table")

    expect(head(lab, "rate")).to_have_attribute("aria-sort", "ascending")
    search = lab.page.get_by_role("searchbox", name=SEARCH)
    expect(search).to_have_value("project = table-tests")
    expect(lab.page.get_by_role("region", name="Comparison of runs")).to_be_visible()
