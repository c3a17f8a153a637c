"""What JupyterLab's own places say of runs: menus, palette, launcher, notebooks, settings."""

import re
import signal

from browser.accessibility import violations
from browser.page import LabPage
from browser.panel import Panel
from browser.training import Training
from playwright.sync_api import Locator, expect
from waiting import wait_until

SHORT = """
import nbtrack
run = nbtrack.init(project={project!r}, name={name!r}, settings={{"x_disable_stats": True}})
run.log({{"train/loss": 1.0}})
run.finish()
""".strip()
FILLER = "\n".join(f"x{i} = {i}" for i in range(12))
VIEWED = """() => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const cell = content?.activeCell?.node.getBoundingClientRect();
  if (!cell) return -1;
  const box = content.node.getBoundingClientRect();
  return cell.top >= box.top && cell.top < box.bottom ? content.activeCellIndex : -1;
}"""


def unseen(training: Training) -> str:
    """Return the training's cell without its panel."""
    return training.cell.replace("run.display()\n", "")


def status_of(lab: LabPage, name: str) -> Locator:
    """Return the status bar's item of a run."""
    words = re.compile(f"^Run of this notebook: {re.escape(name)}, running")
    return lab.page.get_by_role("button", name=words)


def note(lab: LabPage, text: str) -> Locator:
    """Return the note in the corner that says so."""
    return lab.page.locator(".Toastify__toast").filter(has_text=text)


def open_tab(lab: LabPage, name: str) -> Panel:
    """Open a run's tab from the list."""
    lab.sidebar().get_by_role("button", name=f"{name}, finished").click()
    panel = Panel(lab.run_tab())
    panel.expect_run(name)
    return panel


def menu_of_row(lab: LabPage, name: str) -> Locator:
    """Open the menu of a run in the list."""
    lab.sidebar().get_by_role("button", name=f"{name}, finished").click(button="right")
    return lab.page.get_by_role("menu")


def test_a_run_leads_to_the_cell_that_made_it(lab: LabPage) -> None:
    """The notebook is open, was closed, or is gone: each is met, or said."""
    cells = [*[FILLER] * 6, SHORT.format(project="jumps", name="made-here"), *[FILLER] * 6]
    lab.open("maker.ipynb", cells)
    lab.run_all()
    lab.save()
    open_tab(lab, "made-here")

    lab.run_tab().get_by_role("button", name="Go to the cell that made this run").click()

    lab.page.wait_for_function(f"() => ({VIEWED})() === 6")
    expect(lab.page.locator(".nbt-lab-flash")).to_have_count(1)
    lab.screenshot("jump-cell")
    lab.command("application:close")
    file = lab.server.root / "maker.ipynb"
    content = file.read_text("utf-8")

    file.unlink()
    menu = menu_of_row(lab, "made-here")
    lab.screenshot("row-menu")
    menu.get_by_role("menuitem", name="Open Notebook of the Run").click()
    told = lab.page.get_by_text("The notebook of run made-here is not there any more")
    expect(told.first).to_be_visible()
    lab.screenshot("jump-gone")

    file.write_text(content, "utf-8")
    menu_of_row(lab, "made-here").get_by_role("menuitem", name="Go to Cell").click()
    lab.page.wait_for_function(f"() => ({VIEWED})() === 6")


def test_a_run_out_of_sight_is_told_of_as_the_settings_want_it(
    lab: LabPage, training: Training
) -> None:
    alerting = unseen(training).replace("for epoch", "run.alert('diverged', 'NaN')\nfor epoch")
    endless = unseen(training).replace(training.name, "crashing").replace("exists", "is_dir")
    lab.open("status.ipynb", [alerting, endless])
    with lab.server.setting("nbtrack-lab:plugin"):
        choose_settings(lab)
        lab.show("status.ipynb")
        lab.run(0)

        expect(note(lab, f"{training.name}: diverged")).to_be_visible()
        item = status_of(lab, training.name)
        expect(item).to_be_visible()
        said = item.get_attribute("aria-label")
        wait_until(lambda: item.get_attribute("aria-label") != said, what="a later step")
        assert violations(lab.page.locator(".nbt-lab-status")) == []
        lab.screenshot("status-bar")
        lab.open("without.ipynb", ["1"])
        expect(item).to_be_hidden()

        training.end()

        told = note(lab, f"Run {training.name} has finished")
        expect(told).to_be_visible()
        told.get_by_role("button", name="Open Run").click()
        Panel(lab.run_tab()).expect_state("finished")
        lab.show("status.ipynb")
        lab.wait_idle()
        lab.run(1)
        expect(status_of(lab, "crashing")).to_be_visible()
        lab.kill_kernel_of("crashing", signal.SIGKILL)
        expect(note(lab, "Run crashing has crashed")).to_be_visible()
        expect(status_of(lab, "crashing")).to_be_hidden()
        lab.screenshot("notes")


def choose_settings(lab: LabPage) -> None:
    """Choose in the settings editor what is not so from the start; it holds at once."""
    lab.command("settingeditor:open", query="nbtrack")
    lab.page.get_by_role("checkbox", name="Tell alerts of runs").check()
    lab.page.locator("select[name$='sidebarSide']").select_option(label="right")
    expect(lab.page.locator("#jp-right-stack #nbtrack-sidebar")).to_have_count(1)
    lab.screenshot("settings")


def show_runs(notebook: LabPage) -> None:
    """Show the list as a person does in Notebook 7."""
    notebook.page.get_by_role("menuitem", name="View").click()
    notebook.page.get_by_role("menuitem", name="Show Runs").click()


def test_notebook_7_has_the_list_and_runs_below_the_notebook(notebook: LabPage) -> None:
    said: list[str] = []
    page = notebook.page
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    made = SHORT.format(project="seven", name="seven")
    notebook.write("seven-shell.ipynb", [*[FILLER] * 4, made, *[FILLER] * 4])
    notebook.goto_notebook("seven-shell.ipynb")
    notebook.run(4)

    show_runs(notebook)
    notebook.sidebar().get_by_role("button", name="seven, finished").click()
    panel = Panel(page.locator(".nbt-lab-tab"))
    panel.expect_run("seven")
    notebook.screenshot("notebook-7-shell")
    panel.element.get_by_role("button", name="Go to the cell that made this run").click()

    page.wait_for_function(f"() => ({VIEWED})() === 4")
    notebook.save()
    notebook.write("seven-other.ipynb", ["1"])
    notebook.goto_notebook("seven-other.ipynb")
    show_runs(notebook)
    menu = menu_of_row(notebook, "seven")
    with page.expect_popup() as opened:
        menu.get_by_role("menuitem", name="Go to Cell").click()
    there = "() => window.jupyterapp?.shell?.currentWidget?.content?.activeCell"
    opened.value.wait_for_function(f"() => ({there})() && ({VIEWED})() === 4")
    assert [text for text in said if "nbtrack" in text] == []
