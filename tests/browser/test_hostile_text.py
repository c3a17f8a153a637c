"""Names, keys and console lines come from anywhere: on screen they are text, never more."""

from browser.page import LabPage
from browser.panel import Panel
from browser.training import OPEN
from playwright.sync_api import expect

SCRIPT = "<img src=x onerror=\"alert('run')\"><script>alert(1)</script>"
NAME = f"evil {SCRIPT}"
FILE = "<img src=x onerror=alert(7)>.txt"
CELL = f"""
{OPEN.format(project=SCRIPT.replace("/", "|").replace("=", "-"), name=NAME).strip()}
for step in range(3):
    run.log({{{SCRIPT!r}: step, "javascript:alert(2)": -step, "[x](javascript:alert(3))": step}})
run.config[{SCRIPT!r}] = {SCRIPT!r}
run.notes = (
    "[click](javascript:alert(4)) <svg onload=alert(5)>\\n\\n"
    "<a data-commandlinker-command='application:x'>x</a> ![x](x onerror=alert(8))"
)
run.summary[{SCRIPT!r}] = {SCRIPT!r}
run.alert({SCRIPT!r}, {SCRIPT!r})
pathlib.Path({FILE!r}).write_text({SCRIPT!r})
run.save({FILE!r})
print({SCRIPT!r})
print("\\x1b]8;;javascript:alert(6)\\x07link\\x1b]8;;\\x07 \\x1b[31m<b>red</b>\\x1b[0m")
"""


def test_text_of_a_live_run_stays_text(lab: LabPage) -> None:
    """The `lab` fixture fails when any dialog appeared."""
    lab.open("hostile.ipynb", [CELL])
    lab.run_all()

    panel = Panel(lab.cell(0))
    panel.expect_run(NAME)
    expect(panel.element.get_by_role("article", name=SCRIPT)).to_be_visible()
    logs = panel.open_tab("Logs")
    expect(logs.get_by_text("<script>alert(1)</script>").first).to_be_visible()
    for tab in panel.tabs():
        panel.open_tab(tab)
        assert_harmless(lab, panel)
    files = panel.open_tab("Files")
    files.get_by_role("button", name=FILE).click()
    expect(files.get_by_label("Preview").get_by_text(SCRIPT)).to_be_visible()
    expect(panel.open_tab("Alerts").get_by_role("heading", name=SCRIPT)).to_be_visible()
    assert_harmless(lab, panel)


def test_text_of_a_saved_run_stays_text(lab: LabPage) -> None:
    lab.open("hostile-saved.ipynb", [f"{CELL}\nrun.finish()"])
    lab.run_all()
    lab.save()

    lab.show_copy("hostile-saved.ipynb")

    panel = Panel(lab.cell(0))
    panel.expect_run(NAME)
    for tab in panel.tabs():
        panel.open_tab(tab)
        assert_harmless(lab, panel)


def test_text_in_the_sidebar_and_a_run_tab_stays_text(lab: LabPage) -> None:
    lab.open("hostile-sidebar.ipynb", [f"{CELL}\nrun.finish()"])
    lab.run_all()

    sidebar = lab.sidebar()
    sidebar.get_by_role("button", name=NAME).first.click()

    panel = Panel(lab.run_tab())
    panel.expect_run(NAME)
    assert_harmless(lab, panel)


def assert_harmless(lab: LabPage, panel: Panel) -> None:
    """Check that nothing of the text became an element, an attribute or a link."""
    assert lab.page.locator("[onerror], [onload]").count() == 0
    assert panel.element.locator("[data-commandlinker-command]").count() == 0
    assert panel.element.locator("img, script, a[href^='javascript']").count() == 0
    assert lab.dialogs == []
