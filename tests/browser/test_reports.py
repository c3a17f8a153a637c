"""Reports opened in a real Chromium without a network: nothing hostile runs, all can be read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.accessibility import violations
from browser.listening import listen
from browser.page import LabPage
from browser.panel import Panel
from playwright.sync_api import Browser, Page, expect

import nbtrack
from nbtrack import Section
from nbtrack.reports import parcels_in, write_report

SCRIPT = "<img src=x onerror=\"alert('run')\"></script><script>alert(1)</script><!--"
TEXT = f"# Why {SCRIPT}\n\n[x](javascript:alert(2)) <svg onload=alert(3)> ![x](http://127.0.0.1:1/)"
STEPS = 6_000
SPIKE = 3_210


CELL = """
import nbtrack
run = nbtrack.init(project="reported", name="told", settings={"x_stats_sampling_interval": 0.1})
for step in range(50):
    run.log({"train/loss": 1 / (step + 1)})
print("half of it")
run.display()
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The report of two runs whose every text is hostile; one metric has a spike."""
    folder = tmp_path_factory.mktemp("reports")
    uids = []
    for number in range(2):
        run = nbtrack.init(
            project="digits",
            name=f"{number}{SCRIPT}",
            dir=folder,
            config={SCRIPT: SCRIPT, "n": number},
        )
        run.define_metric("loss", goal="minimize")
        for step in range(STEPS):
            run.log({"loss": 100.0 if step == SPIKE else 1 / (1 + step), SCRIPT: step % 7})
        run.alert(SCRIPT, SCRIPT)
        run.notes = TEXT
        run.write_logs(f"{SCRIPT}\x1b]8;;javascript:alert(6)\x07link\x1b]8;;\x07 \x1b[31mred")
        run.finish()
        uids.append(run.uid)
    sections = [TEXT, "overview", "best", Section("comparison", group_by=["config.n"])]
    sections += ["differences", Section("charts", runs=[uids[0]]), "log", "environment"]
    comparison = nbtrack.query.Comparison.of_uids(run.root, uids)
    yield write_report(
        comparison, folder / "report.html", title=SCRIPT, author=SCRIPT, sections=sections
    ).path
    nbtrack.teardown()


@pytest.fixture(params=["light", "dark"])
def opened(request: pytest.FixtureRequest, report: Path, browser: Browser) -> Iterator[Page]:
    """The page, opened; afterwards it has asked for nothing, and complained of nothing."""
    context = browser.new_context(
        offline=True, color_scheme=request.param, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    asked, told = listen(page)
    page.goto(report.as_uri())
    page.locator("html[data-nbtrack=ready]").wait_for()
    yield page
    context.close()
    assert [one for one in asked if not one.startswith(("data:", "blob:"))] == [report.as_uri()]
    assert told == []


def test_everybody_can_read_it_and_nothing_hostile_became_an_element(opened: Page) -> None:
    expect(opened.locator("figure[data-live]")).to_have_count(2)
    assert (
        opened.locator("img, iframe, object, [onerror], [onload], a[href^=javascript]").count() == 0
    )
    expect(opened.get_by_role("heading", level=1)).to_have_text(SCRIPT)
    for figure in opened.locator("figure[data-live]").all():
        figure.scroll_into_view_if_needed()
        expect(figure.locator("canvas").first).to_be_visible()
    assert violations(opened.locator("html")) == []


def test_a_closer_look_finds_the_spike_and_its_neighbours(report: Path, browser: Browser) -> None:
    """The view keeps 4,096 points of the 6,000 that stand in the page."""
    page = browser.new_page()
    page.goto(report.as_uri())
    page.locator("html[data-nbtrack=ready]").wait_for()
    card = page.locator("figure[data-live]").last.get_by_role("article", name="loss", exact=True)
    card.scroll_into_view_if_needed()
    expect(card).to_contain_text("max 100 @ 3,210")
    plot = card.get_by_role("img")
    plot.focus()
    for _ in range(6):
        plot.press("+")

    expect(card.locator(".nbt-note")).to_have_text("")
    page.close()


def test_a_page_with_all_points_puts_its_runs_into_other_groups(
    tmp_path: Path, browser: Browser
) -> None:
    for number in range(4):
        with nbtrack.init(
            project="few", dir=tmp_path, config={"lr": number % 2, "n": number}
        ) as run:
            for step in range(5):
                run.log({"loss": step + number})
    nbtrack.report(path=tmp_path / "few.html", project="few", root=run.root)
    nbtrack.teardown()
    page = browser.new_page()
    page.goto((tmp_path / "few.html").as_uri())
    page.locator("html[data-nbtrack=ready]").wait_for()
    figure = page.locator("figure[data-live]")
    figure.scroll_into_view_if_needed()

    figure.get_by_label("Group runs by").select_option("config.lr")

    expect(figure.get_by_role("list", name="Groups").get_by_role("listitem")).to_have_text(
        ["0", "1"]
    )
    expect(figure.get_by_label("Horizontal axis")).to_be_disabled()
    page.close()


def test_a_page_that_lacks_points_says_why_groups_stay(report: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    page.locator("html[data-nbtrack=ready]").wait_for()

    expect(page.get_by_role("note").filter(has_text="Groups are those")).to_contain_text(
        "of 24,000 points"
    )
    page.close()


def test_a_page_that_a_browser_has_saved_is_live_again(report: Path, browser: Browser) -> None:
    """*Save page as* writes what stands on the screen, and not the file that was opened."""
    page = browser.new_page()
    page.goto(report.as_uri())
    page.locator("html[data-nbtrack=ready]").wait_for()
    saved = report.with_name("saved.html")
    saved.write_text(page.content(), "utf-8")

    page.goto(saved.as_uri())

    figure = page.locator("figure[data-live]").last
    figure.scroll_into_view_if_needed()
    expect(figure.get_by_role("article", name="loss", exact=True)).to_contain_text("max 100 @")
    page.close()


def test_on_paper_and_without_scripts_pictures_stand_there(report: Path, browser: Browser) -> None:
    live = browser.new_page()
    live.goto(report.as_uri())
    live.locator("html[data-nbtrack=ready]").wait_for()
    live.emulate_media(media="print")
    bare = browser.new_context(java_script_enabled=False).new_page()
    bare.goto(report.as_uri())

    for page in (live, bare):
        for figure in page.locator("figure[data-nbtrack]").all():
            expect(figure.locator(".nbr-still svg").first).to_be_visible()
            expect(figure.locator(".nbr-live")).to_be_hidden()
        expect(page.get_by_text("Figure 2.")).to_be_visible()
    live.close()
    bare.context.close()


def test_a_report_is_a_click_away_and_a_line_of_code(lab: LabPage) -> None:
    """The first through the server, while the run goes on; the second from the kernel."""
    lab.open("reported.ipynb", [CELL, "run.report('told.html', author='Ada')"])
    lab.run_all()
    panel = Panel(lab.cell(0))
    panel.expect_run("told")

    with lab.page.expect_download() as saved:
        panel.element.get_by_role("button", name="Save a report of this run").click()

    page = saved.value.path().read_text("utf-8")
    assert saved.value.suggested_filename.endswith(".html")
    assert {one.bundle["snapshot"]["run"]["name"] for one in parcels_in(page)} == {"told"}
    assert "half of it" in page
    assert '<span class="nbr-s">&quot;half of it&quot;</span>' in page
    link = lab.cell(1).get_by_role("link", name="told.html")
    expect(link).to_be_visible()
    lab.screenshot("report-button")
