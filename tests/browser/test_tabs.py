"""What the panel's tabs show and change, while the run's cell is busy and after its end."""

from browser.page import LabPage
from browser.panel import Panel
from browser.training import Training
from playwright.sync_api import expect
from waiting import wait_until

LINES = """
import sys
for number in range(1500):
    print(f"line {number}", file=sys.stderr if number % 500 == 499 else sys.stdout)
run.log({"train/loss": 2.0})
pathlib.Path("weights.txt").write_text("1 2 3")
run.save("weights.txt")
run.alert("Loss spiked", "look at it", level="WARN")
"""


def test_logs_files_and_alerts_are_looked_through_while_the_cell_is_busy(
    lab: LabPage, training: Training
) -> None:
    lab.open("through.ipynb", [f"{training.opening}\n{LINES}\n{training.loop}\nrun.finish()"])
    lab.run(0)
    panel = Panel(lab.cell(0))
    panel.expect_live(training.name)

    logs = panel.open_tab("Logs")
    tools = panel.element
    search = tools.get_by_role("searchbox", name="Search log")
    search.fill("^line 17$")
    expect(logs.locator("[data-picked] mark")).to_have_text("line 17")
    expect(tools.get_by_text("1 of 1", exact=True)).to_be_visible()
    search.fill("")
    tools.get_by_label("Stream").select_option("stderr")
    expect(logs.locator(".nbt-log-row")).to_have_count(3)
    files = panel.open_tab("Files")
    files.get_by_role("button", name="weights.txt").click()
    expect(files.get_by_label("Preview").get_by_text("1 2 3")).to_be_visible()
    expect(panel.element.get_by_role("tab", name="Alerts")).to_contain_text("1")
    alerts = panel.open_tab("Alerts")
    expect(alerts.get_by_role("heading", name="Loss spiked")).to_be_visible()
    expect(panel.element.get_by_role("tab", name="Alerts")).not_to_contain_text("1")
    assert lab.is_busy()
    training.end()


def test_name_notes_and_tags_are_edited_and_stored(lab: LabPage, training: Training) -> None:
    lab.open("edited.ipynb", [training.cell, "print(run.name, run.tags)"])
    lab.run(0)
    panel = Panel(lab.cell(0))
    panel.expect_live(training.name)

    panel.element.get_by_role("button", name="Edit name").click()
    name = panel.element.get_by_role("textbox", name="name")
    name.fill("better")
    name.press("Enter")
    panel.expect_run("better")
    overview = panel.open_tab("Overview")
    overview.get_by_role("button", name="Edit notes").click()
    notes = overview.get_by_role("textbox", name="notes")
    notes.fill("**why** [x](javascript:alert(1))")
    notes.press("Control+Enter")
    expect(overview.locator("strong")).to_have_text("why")
    overview.get_by_role("button", name="Add a tag").click()
    overview.get_by_role("textbox", name="New tag").fill("best")
    overview.get_by_role("textbox", name="New tag").press("Enter")
    expect(overview.get_by_role("button", name="Remove tag best")).to_be_visible()

    stored = wait_until(lambda: lab.only_run("better"), what="the name in the store")
    assert stored.opened.notes == "**why** [x](javascript:alert(1))"
    assert stored.opened.tags == ("best",)
    training.end()
    lab.wait_idle()
    lab.run(1)
    expect(lab.cell(1)).to_contain_text("better ('best',)")


def test_every_tab_is_reached_by_keyboard_in_a_narrow_panel(
    lab: LabPage, training: Training
) -> None:
    training.end()
    lab.open("narrow.ipynb", [training.cell])
    lab.run_all()
    panel = Panel(lab.cell(0))
    panel.expect_state("finished")
    panel.be_wide(320)

    panel.open_tab("Charts")
    for name in panel.tabs():
        tab = panel.element.get_by_role("tab", name=name)
        expect(tab).to_be_focused() if name != "Charts" else tab.focus()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(tab).to_be_in_viewport(ratio=0.9)
        lab.page.keyboard.press("ArrowRight")
