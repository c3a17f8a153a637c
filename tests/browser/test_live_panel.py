"""The panel in a cell's output while its kernel is at work."""

import json

from browser.page import LabPage
from browser.panel import Panel
from browser.training import Training
from playwright.sync_api import expect
from waiting import wait_until

MIME = "application/vnd.nbtrack.run.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"


def test_the_panel_moves_while_the_cell_is_busy(lab: LabPage, training: Training) -> None:
    """Five updates a second are what makes it feel alive."""
    lab.open("busy.ipynb", [training.cell])
    lab.run(0)

    panel = Panel(lab.cell(0))
    panel.expect_run(training.name)
    panel.expect_to_move()
    wait_until(lambda: panel.updates_in_a_second() >= 5, what="five updates in a second")
    assert lab.is_busy()


def test_stop_ends_the_run_of_a_busy_cell_and_keeps_the_kernel(
    lab: LabPage, training: Training
) -> None:
    lab.open("stop.ipynb", [training.cell, "print(run.state, 6 * 7)"])
    lab.run(0)
    panel = Panel(lab.cell(0))
    panel.expect_live(training.name)

    panel.stop()

    panel.expect_state("killed")
    lab.wait_idle()
    lab.run(1)
    expect(lab.cell(1)).to_contain_text("killed 42")
    assert lab.only_run(training.name).state == "killed"


def test_system_and_logs_fill_while_the_cell_is_busy(lab: LabPage, training: Training) -> None:
    lab.open("tabs.ipynb", [training.cell])
    lab.run(0)
    panel = Panel(lab.cell(0))
    panel.expect_live(training.name)

    logs = panel.open_tab("Logs")
    expect(logs.get_by_text("epoch 20", exact=True)).to_be_visible()
    system = panel.open_tab("System")
    expect(system.locator("canvas").first).to_be_visible()
    assert lab.is_busy()


def test_after_a_reload_the_panel_is_live_again(lab: LabPage, training: Training) -> None:
    lab.open("reload.ipynb", [training.opening, "run.log({'train/loss': 2.5})", training.loop])
    lab.run(0)
    Panel(lab.cell(0)).expect_run(training.name)
    lab.wait_idle()
    lab.save()

    lab.reload()
    lab.show("reload.ipynb")
    lab.wait_idle()

    panel = Panel(lab.cell(0))
    panel.expect_run(training.name)
    lab.run(1)
    wait_until(lambda: panel.step == 0, what="the first step in the panel")
    lab.run(2)
    panel.expect_to_move()


def test_a_reload_in_the_middle_of_a_cell_does_not_lose_the_run(
    lab: LabPage, training: Training
) -> None:
    """Jupyter loses the cell's further output; the run is in the store and goes on."""
    lab.open("middle.ipynb", [training.cell])
    lab.run(0)
    panel = Panel(lab.cell(0))
    panel.expect_run(training.name)
    panel.expect_to_move()
    lab.save()
    step = panel.step

    lab.reload()
    lab.show("middle.ipynb")

    panel = Panel(lab.cell(0))
    panel.expect_run(training.name)
    wait_until(lambda: panel.step > step, what="the run going on")
    panel.expect_to_move()
    training.end()
    panel.expect_state("finished")


def test_finish_leaves_a_picture_that_needs_nobody(lab: LabPage, training: Training) -> None:
    training.end()
    lab.open("finish.ipynb", [training.cell])
    lab.run_all()

    panel = Panel(lab.cell(0))
    panel.expect_run(training.name)
    panel.expect_state("finished")
    [bundle] = [output["data"] for output in lab.outputs(0) if MIME in output.get("data", {})]
    assert WIDGET not in bundle
    assert "<script" not in json.dumps(bundle["text/html"])
    assert training.name in "".join(bundle["text/plain"])


def test_a_saved_notebook_shows_its_run_without_a_kernel(lab: LabPage, training: Training) -> None:
    training.end()
    lab.open("saved.ipynb", [training.cell])
    lab.run_all()
    lab.save()

    lab.show_copy("saved.ipynb")

    panel = Panel(lab.cell(0))
    panel.expect_run(training.name)
    panel.expect_state("finished")
    expect(panel.element.locator("canvas").first).to_be_visible()
    assert not lab.has_kernel()
