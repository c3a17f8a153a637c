"""The list of runs beside the notebook, and the tab that a click opens."""

import re
import signal

from browser.page import LabPage
from browser.panel import Panel
from browser.training import Training
from playwright.sync_api import Locator, expect
from waiting import wait_until


def row_of(sidebar: Locator, name: str, state: str = "") -> Locator:
    """Return the button of a run, whatever its metric says just now."""
    return sidebar.get_by_role("button", name=re.compile(f"^{re.escape(name)}, {state}"))


def test_a_run_appears_by_itself_and_ends_by_itself(lab: LabPage, training: Training) -> None:
    sidebar = lab.sidebar()
    lab.open("listed.ipynb", [training.cell])
    assert row_of(sidebar, training.name).count() == 0

    lab.run(0)

    running = row_of(sidebar, training.name, "running")
    expect(running).to_be_visible(timeout=20_000)
    expect(running.locator("svg.nbt-lab-spark")).to_be_visible()
    said = running.get_attribute("aria-label")
    wait_until(lambda: running.get_attribute("aria-label") != said, 20, what="a new value")
    training.end()
    expect(row_of(sidebar, training.name, "finished")).to_be_visible(timeout=20_000)


def test_a_click_opens_the_run_in_a_tab_that_moves(lab: LabPage, training: Training) -> None:
    lab.open("tab.ipynb", [training.cell])
    lab.run(0)
    row_of(lab.sidebar(), training.name).click(timeout=20_000)

    panel = Panel(lab.run_tab())
    panel.expect_run(training.name)
    panel.expect_to_move()
    lab.screenshot("run-tab-light")
    assert lab.page.get_by_role("tab", name=training.name).count() == 1


def test_stop_works_from_the_tab(lab: LabPage, training: Training) -> None:
    lab.open("tab-stop.ipynb", [training.cell])
    lab.run(0)
    row_of(lab.sidebar(), training.name).click(timeout=20_000)
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
    expect(row_of(sidebar, training.name, "running")).to_be_visible(timeout=20_000)

    lab.kill_kernel_of(training.name, signal.SIGKILL)

    expect(row_of(sidebar, training.name, "crashed")).to_be_visible(timeout=20_000)


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
