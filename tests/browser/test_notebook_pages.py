"""A notebook as a page: opened in a real Chromium, without network, full of hostile text."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser.accessibility import violations
from browser.listening import listen
from nbconvert.exporters import get_exporter
from playwright.sync_api import Browser, Page, expect

import nbtrack

V4 = nbformat.v4
SCRIPT = "<img src=x onerror=\"alert('run')\"></script><script>alert(1)</script><!--"
PLOTLY = "application/vnd.plotly.v1+json"
FIGURE = {
    "data": [{"type": "bar", "x": ["a", SCRIPT], "y": [1, 2], "name": SCRIPT}],
    "layout": {"title": {"text": f'<a href="javascript:alert(3)">{SCRIPT}</a>'}},
}
WIDE = f"<table><tr>{'<td>1,234.5678</td>' * 30}</tr></table>"
HOSTILE = (
    f"{WIDE}"
    "<iframe src='https://example.org'></iframe><p onclick=alert(2)>author's table</p>"
    '<link rel="stylesheet" href="https://example.org/x.css"><meta http-equiv="refresh" '
    f'content="0;url=https://example.org">{SCRIPT}'
)
WIDTHS = "all => all.map(one => one.getBoundingClientRect().width)"
A4_PX = 672  # between the margins
TEXT = f"# Study {SCRIPT}\n\n## Math\n\n$\\frac{{1}}{{2}}$ ![x](https://example.org/x.png)"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[nbformat.NotebookNode]:
    """A notebook with a run whose every text is hostile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBTRACK_DIR", str(tmp_path_factory.mktemp("workspace")))
        with nbtrack.init(project="digits", name=SCRIPT, config={SCRIPT: SCRIPT}) as run:
            for step in range(100):
                run.log({"loss": 1 / (1 + step), SCRIPT: step})
            run.write_logs(SCRIPT)
            run.notes = SCRIPT
        bundle = nbtrack.Api().run(run.id)._repr_mimebundle_()
    cells = [V4.new_markdown_cell(TEXT)]
    cells += [shown(one) for one in (bundle, {PLOTLY: FIGURE}, {"text/html": HOSTILE})]
    yield V4.new_notebook(cells=cells)
    nbtrack.teardown()


def shown(data: dict[str, Any]) -> nbformat.NotebookNode:
    output = V4.new_output("display_data", data)
    return V4.new_code_cell(f"show({SCRIPT!r})", outputs=[output], execution_count=1)


@pytest.fixture(scope="module")
def opened(
    made: nbformat.NotebookNode, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """The page, opened; afterwards it has asked for nothing, and complained of nothing."""
    path = tmp_path_factory.mktemp("page") / "study.html"
    path.write_text(get_exporter("nbtrack")().from_notebook_node(made)[0], "utf-8")
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked, told = listen(page)
    page.goto(path.as_uri())
    page.locator("html[data-nbtrack=ready]").wait_for()
    yield page
    context.close()
    assert [one for one in asked if not one.startswith(("data:", "blob:"))] == [path.as_uri()]
    assert told == []


def test_a_run_can_be_looked_at_closely(opened: Page) -> None:
    panel = opened.get_by_role("figure").filter(has_text="Finished")
    chart = panel.get_by_role("article", name="loss")
    expect(chart).to_be_visible()

    panel.get_by_role("tab", name=re.compile("Overview")).click()

    expect(panel.get_by_text(SCRIPT).first).to_be_visible()
    expect(opened.locator(".nbr-still").first).to_be_hidden()


def test_figures_of_plotly_are_drawn(opened: Page) -> None:
    figure = opened.locator(".plotly-figure")
    figure.scroll_into_view_if_needed()

    expect(figure.locator(".main-svg").first).to_be_visible()
    expect(figure.locator(".bars .point")).to_have_count(2)


def test_what_others_wrote_stands_there_and_does_nothing(opened: Page) -> None:
    expect(opened.get_by_text("author's table")).to_be_visible()
    opened.get_by_text("author's table").click()

    expect(opened.locator("iframe, link, main script:not([type*=nbtrack])")).to_have_count(0)
    expect(opened.locator("math mfrac")).to_be_visible()


def test_what_is_wider_than_paper_gets_smaller_while_it_prints(opened: Page) -> None:
    """A browser prints all of a page smaller for one thing that is too wide."""
    wide = opened.locator(".foreign table, .plotly-live .main-svg")

    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = wide.evaluate_all(WIDTHS)
    opened.evaluate("dispatchEvent(new Event('afterprint'))")

    assert max(printed) <= A4_PX
    assert min(wide.evaluate_all(WIDTHS)) > A4_PX


def test_code_folds_and_shows_again(opened: Page) -> None:
    sources = opened.locator("details.source[open]")

    opened.get_by_role("button", name="Fold code").click()
    expect(sources).to_have_count(0)

    opened.get_by_role("button", name="Show code").click()
    expect(sources).to_have_count(3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(opened: Page, scheme: str) -> None:
    opened.emulate_media(color_scheme=scheme)

    found = violations(opened.locator("body"))

    opened.emulate_media(color_scheme="light")
    assert found == []


def test_without_javascript_and_on_paper_pictures_stand_there(
    made: nbformat.NotebookNode, browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "study.html"
    path.write_text(get_exporter("nbtrack")().from_notebook_node(made)[0], "utf-8")
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())

    expect(page.locator(".nbr-still img").first).to_be_visible()
    expect(page.locator(".plotly-still").first).to_be_visible()
    context.close()


def test_a_notebook_is_printed(made: nbformat.NotebookNode) -> None:
    pdf, resources = get_exporter("nbtrackpdf")().from_notebook_node(made)

    assert resources["output_extension"] == ".pdf"
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") >= 2
