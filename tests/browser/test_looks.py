"""Panel and sidebar in every theme and width: pictures for people, rules for machines.

What is asserted is what a glance would not show: that colours follow the theme, that axe
finds nothing, that nothing sticks out of a narrow panel.
"""

import pytest
from browser.accessibility import violations
from browser.page import LabPage, Theme
from browser.panel import Panel
from browser.training import Training
from playwright.sync_api import Locator, expect
from waiting import wait_until

BRIGHTNESS = """element => {
  const [r, g, b] = getComputedStyle(element).backgroundColor.match(/\\d+/g).map(Number);
  return (r + g + b) / 3;
}"""
STICKS_OUT = """element => {
  const box = element.getBoundingClientRect();
  const scrolls = node => node && node !== element &&
    (getComputedStyle(node).overflowX !== "visible" || scrolls(node.parentElement));
  return [...element.querySelectorAll("*")]
    .filter(node => node.checkVisibility() && !scrolls(node.parentElement))
    .filter(node => node.getBoundingClientRect().right > box.right + 1)
    .map(node => node.outerHTML.slice(0, 120));
}"""
IS_DRAWN = """canvas => {
  const { width, height } = canvas;
  return canvas.getContext("2d").getImageData(0, 0, width, height).data.some(byte => byte !== 0);
}"""
LUMINANCE = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let [sum, inked] = [0, 0];
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 128) continue;
    sum += (data[i] + data[i + 1] + data[i + 2]) / 3;
    inked += 1;
  }
  return sum / inked;
}"""
THEMES: tuple[Theme, ...] = ("Light", "Dark", "Dark High Contrast")


def background(element: Locator) -> float:
    """Return the mean of an element's background colour, 0..255."""
    return float(element.evaluate(BRIGHTNESS))


@pytest.mark.parametrize("theme", THEMES)
def test_every_tab_follows_the_theme_and_is_accessible(
    lab: LabPage, training: Training, theme: Theme
) -> None:
    slug = theme.lower().replace(" ", "-")
    lab.theme(theme)
    sidebar = lab.sidebar()
    lab.open(f"looks-{slug}.ipynb", [training.cell])
    lab.run(0)
    panel = Panel(lab.cell(0))
    panel.expect_live(training.name)
    panel.expect_to_move()

    found = {"sidebar": violations(sidebar)}
    for name in panel.tabs():
        panel.open_tab(name)
        found[name] = violations(panel.element)
        lab.screenshot(f"panel-{name.lower().replace(' ', '-')}-{slug}")

    assert {name: lines for name, lines in found.items() if lines} == {}
    assert (background(panel.element) < 128) == theme.startswith("Dark")
    training.end()
    lab.wait_idle()
    panel.expect_state("finished")
    panel.open_tab("Charts")
    lab.screenshot(f"panel-finished-{slug}")


def test_charts_that_stand_still_follow_the_theme(lab: LabPage, training: Training) -> None:
    lab.theme("Light")
    training.end()
    lab.open("stands.ipynb", [training.cell])
    lab.run_all()
    panel = Panel(lab.cell(0))
    panel.expect_state("finished")
    chart = panel.element.locator("canvas").first
    drawn_on_white = float(chart.evaluate(LUMINANCE))

    lab.theme("Dark")

    wait_until(lambda: background(panel.element) < 128, what="a dark panel")
    wait_until(
        lambda: float(chart.evaluate(LUMINANCE)) < drawn_on_white, what="a chart drawn on dark"
    )
    lab.screenshot("panel-still-dark")


@pytest.mark.parametrize("width", [320, 720, 3840])
def test_nothing_sticks_out_at_any_width(lab: LabPage, training: Training, width: int) -> None:
    lab.theme("Light")
    training.end()
    lab.open(f"width-{width}.ipynb", [training.cell])
    lab.run_all()
    panel = Panel(lab.cell(0))
    panel.expect_state("finished")

    panel.be_wide(width)

    for name in panel.tabs():
        panel.open_tab(name)
        lab.screenshot(f"width-{width}-{name.lower().replace(' ', '-')}", panel.element)
        assert panel.element.evaluate(STICKS_OUT) == [], name


def test_nothing_moves_for_those_who_want_no_motion(lab: LabPage, training: Training) -> None:
    lab.page.emulate_media(reduced_motion="reduce")
    lab.open("still.ipynb", [training.cell])
    lab.run(0)
    panel = Panel(lab.cell(0))
    panel.expect_live(training.name)

    running = "element => element.getAnimations({ subtree: true }).length"
    assert panel.element.evaluate(running) == 0


def test_the_printed_panel_is_on_white_paper_with_all_its_charts(
    lab: LabPage, training: Training
) -> None:
    lab.theme("Dark")
    training.end()
    lab.open("printed.ipynb", [training.cell])
    lab.run_all()
    panel = Panel(lab.cell(0))
    panel.expect_state("finished")

    lab.page.emulate_media(media="print")

    charts = panel.open_tab("Charts")
    expect(charts.get_by_role("searchbox")).to_have_count(0)
    canvases = charts.locator("canvas")
    expect(canvases).to_have_count(charts.get_by_role("article").count())
    assert all(canvas.evaluate(IS_DRAWN) for canvas in canvases.all())
    assert background(panel.element) > 240
    lab.screenshot("panel-print", panel.element)
    lab.page.emulate_media(media="screen")
    assert background(panel.element) < 128
