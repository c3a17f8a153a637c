"""What happens to a panel when its page, its kernel or its cell goes."""

import signal

from browser.page import LabPage
from browser.panel import Panel
from browser.training import Training
from playwright.sync_api import expect
from waiting import wait_until


def test_a_second_view_of_an_output_is_live_too(lab: LabPage, training: Training) -> None:
    lab.open("second.ipynb", [training.cell])
    lab.run(0)
    Panel(lab.cell(0)).expect_live(training.name)

    view = lab.create_output_view(0)

    second = Panel(view)
    second.expect_live(training.name)
    second.expect_to_move()
    first = Panel(lab.cell(0))
    step = first.step
    wait_until(lambda: first.step > step, what="the first view going on")
    lab.screenshot("second-view")
    training.end()
    second.expect_state("finished")


def test_a_restarted_kernel_leaves_a_finished_run(lab: LabPage, training: Training) -> None:
    lab.open("restarted.ipynb", [training.opening, "run.log({'loss': 1.0})"])
    lab.run_all()
    panel = Panel(lab.cell(0))
    panel.expect_live(training.name)

    lab.restart_kernel()

    panel.expect_state("finished")
    assert "shut down" in lab.only_run(training.name).reason


def test_a_killed_kernel_is_told_in_the_cell(lab: LabPage, training: Training) -> None:
    """The page stays; the widget on it would stand there as if nothing had happened."""
    lab.open("killed-here.ipynb", [training.cell])
    lab.run(0)
    panel = Panel(lab.cell(0))
    panel.expect_live(training.name)
    panel.expect_to_move()

    lab.kill_kernel_of(training.name, signal.SIGKILL)

    panel.expect_state("crashed")
    expect(panel.element.get_by_role("button", name="Stop")).to_have_count(0)


def test_a_notebook_saved_in_the_midst_tells_later_how_it_ended(
    lab: LabPage, training: Training
) -> None:
    lab.open("interrupted.ipynb", [training.cell])
    lab.run(0)
    Panel(lab.cell(0)).expect_live(training.name)
    lab.save()
    lab.kill_kernel_of(training.name, signal.SIGKILL)
    wait_until(lambda: lab.only_run(training.name).state == "crashed", what="the crash")

    lab.show_copy("interrupted.ipynb")

    panel = Panel(lab.cell(0))
    panel.expect_run(training.name)
    panel.expect_state("crashed")


def test_stop_works_where_comms_wait_for_the_cell(lab: LabPage, training: Training) -> None:
    """Without subshells the kernel hears of nothing until its cell has ended."""
    with lab.server.setting(
        "@jupyterlab/apputils-extension:kernels-settings", commsOverSubshells="disabled"
    ):
        lab.reload()
        lab.settle()
        lab.open("no-subshells.ipynb", [training.cell, "print(run.state)"])
        lab.run(0)
        panel = Panel(lab.cell(0))
        panel.expect_live(training.name)
        panel.expect_to_move()

        panel.stop()

        panel.expect_state("killed")
        lab.wait_idle()
        lab.run(1)
        expect(lab.cell(1)).to_contain_text("killed")


def test_notebook_7_is_as_good(notebook: LabPage, training: Training) -> None:
    notebook.write("seven.ipynb", [training.cell, "print(run.state)"])
    notebook.goto_notebook("seven.ipynb")
    notebook.run(0)
    panel = Panel(notebook.cell(0))
    panel.expect_live(training.name)
    panel.expect_to_move()

    panel.stop()

    panel.expect_state("killed")
    notebook.wait_idle()
    notebook.run(1)
    expect(notebook.cell(1)).to_contain_text("killed")
    notebook.screenshot("notebook-7")
