"""What JupyterLab's own places say of runs: menus, palette, launcher, notebooks, settings."""

from browser.page import LabPage
from browser.panel import Panel
from playwright.sync_api import Locator, expect

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


def open_tab(lab: LabPage, name: str) -> Panel:
    """Open a run's tab from the list."""
    lab.sidebar().get_by_role("button", name=f"{name}, finished").click(timeout=20_000)
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

    menu = menu_of_row(lab, "made-here")
    lab.screenshot("row-menu")
    menu.get_by_role("menuitem", name="Go to Cell That Made the Run").click()

    lab.page.wait_for_function(f"() => ({VIEWED})() === 6")
    expect(lab.page.locator(".nbt-lab-flash")).to_have_count(1)
    lab.command("application:close")
    (lab.server.root / "maker.ipynb").unlink()
    menu_of_row(lab, "made-here").get_by_role("menuitem", name="Open Notebook of the Run").click()
    told = lab.page.get_by_text("The notebook of run made-here is not there any more")
    expect(told.first).to_be_visible()
    lab.screenshot("jump-gone")
