"""Pictures of panel and sidebar for people to look at, light and dark.

The only things asserted are those that a glance would not show: that colours follow the
theme, and that the panel is readable to a screen reader.
"""

import pytest
from browser.page import LabPage
from browser.panel import Panel
from browser.training import Training
from playwright.sync_api import Locator

BRIGHTNESS = """element => {
  const [r, g, b] = getComputedStyle(element).backgroundColor.match(/\\d+/g).map(Number);
  return (r + g + b) / 3;
}"""


def background(element: Locator) -> float:
    """Return the mean of an element's background colour, 0..255."""
    return float(element.evaluate(BRIGHTNESS))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_panel_and_sidebar_follow_the_theme(lab: LabPage, training: Training, theme: str) -> None:
    lab.theme("dark" if theme == "dark" else "light")
    lab.sidebar()
    lab.open(f"looks-{theme}.ipynb", [training.cell])
    lab.run(0)
    panel = Panel(lab.cell(0))
    panel.expect_live(training.name)
    panel.expect_to_move()

    lab.screenshot(f"panel-live-{theme}")
    for name in ("System", "Logs", "Overview"):
        panel.open_tab(name)
        lab.screenshot(f"panel-{name.lower()}-{theme}")
    training.end()
    lab.wait_idle()
    panel.expect_state("finished")
    panel.open_tab("Charts")
    lab.screenshot(f"panel-frozen-{theme}")

    is_dark = theme == "dark"
    assert (background(panel.element) < 128) == is_dark
