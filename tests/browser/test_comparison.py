"""Several runs in one panel: live, searched, grouped, brushed; and what the notebook keeps."""

import csv
import json
import re
import signal
from pathlib import Path

from browser.accessibility import violations
from browser.page import LabPage, Theme
from playwright.sync_api import Locator, expect
from waiting import wait_until

COMPARE = "application/vnd.nbtrack.compare.v1+json"
HOSTILE = "<img src=x onerror=alert(1)>"
RUNS = """
import math, nbtrack
for i in range(6):
    name = HOSTILE if i == 5 else f"run-{i}"
    config = {"lr": [0.1, 0.03][i % 2], "depth": i, "batch": 32}
    quiet = {"silent": True}
    with nbtrack.init(project=PROJECT, name=name, config=config, settings=quiet) as run:
        run.define_metric("val/loss", goal="minimize")
        for step in range(60):
            loss = math.exp(-step * config["lr"]) + 0.01 * i
            run.log({"val/loss": loss, "val/accuracy": 1 - loss, "epoch": step // 10})
"""
LIVE = """
import pathlib, time
live = nbtrack.init(project=PROJECT, name="live", config={"lr": 0.3, "depth": 9, "batch": 32})
live.display(with_=PROJECT, height=620)
for step in range(100_000):
    live.log({"val/loss": 2 - math.exp(-step / 50), "val/accuracy": 0.5, "epoch": step // 10})
    if pathlib.Path(FLAG).exists():
        break
    time.sleep(0.05)
live.finish()
"""
LOOK = "nbtrack.compare(PROJECT, group_by='lr')"
PIXELS = "canvas => canvas.toDataURL()"


def cell(source: str, **values: object) -> str:
    """Return the code of a cell with its values in place."""
    named = [f"{name} = {value!r}" for name, value in values.items()]
    return "\n".join([*named, source.strip()])


def rows(panel: Locator) -> Locator:
    """Return the list of runs."""
    return panel.get_by_role("complementary", name="Runs").get_by_role("listitem")


def drawn(panel: Locator) -> str:
    """Return the first chart as it looks."""
    return str(panel.locator("canvas").first.evaluate(PIXELS))


def expect_live(lab: LabPage, panel: Locator) -> None:
    """Wait until all runs are there, and the one that goes on moves in a busy cell."""
    expect(rows(panel)).to_have_count(7)
    expect(panel.get_by_text("7 runs compared")).to_be_visible()
    expect(panel.get_by_text("1 going on")).to_be_visible()
    expect(panel.get_by_text(HOSTILE).first).to_be_visible()
    expect(panel.locator("canvas").first).to_be_visible()
    before = drawn(panel)
    wait_until(lambda: drawn(panel) != before, what="a new picture of the live run")
    assert lab.is_busy()
    lab.screenshot("comparison-live", panel)


def expect_of_the_kernel(panel: Locator) -> None:
    """Wait until the kernel's view has taken over from what the notebook keeps."""
    expect(panel.get_by_text(re.compile(r"^\d+ runs compared$"))).to_be_visible()
    expect(panel.get_by_text("Saved comparison")).to_have_count(0)


def hover(panel: Locator) -> None:
    """See the values of all runs at a place, the greatest first."""
    panel.locator(".nbt-over").first.hover()
    tip = panel.locator(".nbt-tip:visible .nbt-tip-row b")
    expect(tip).to_have_count(7)
    values = [float(text) for text in tip.all_text_contents()]
    assert values == sorted(values, reverse=True)


def take_along(panel: Locator, folder: Path) -> None:
    """Pin a chart, look at it alone, and take its data along."""
    card = panel.get_by_role("article", name="val/accuracy", exact=True)
    plot = card.get_by_role("img")
    plot.focus()
    panel.page.keyboard.press("p")
    expect(panel.get_by_role("group", name="Pinned")).to_contain_text("accuracy")
    expect(plot).to_be_focused()
    panel.page.keyboard.press("f")
    expect(panel.locator(".nbt-card:is(:fullscreen, .nbt-large)")).to_have_count(1)
    panel.page.keyboard.press("f")
    expect(panel.locator(".nbt-card:is(:fullscreen, .nbt-large)")).to_have_count(0)
    with panel.page.expect_download() as saved:
        card.locator("header").hover()
        card.get_by_role("button", name="More for val/accuracy").click()
        panel.get_by_role("menuitem", name="Download data (CSV)").click()
    saved.value.save_as(folder / "accuracy.csv")
    lines = list(csv.DictReader((folder / "accuracy.csv").open()))
    assert {line["run"] for line in lines} == {HOSTILE, "live", *(f"run-{i}" for i in range(5))}
    assert sum(line["run"] == "run-0" for line in lines) == 60


def group(panel: Locator) -> None:
    """Put runs into groups, with bands of all points."""
    panel.get_by_label("Group runs by").select_option("config.lr")
    expect(panel.get_by_role("list", name="Groups").get_by_role("listitem")).to_have_count(3)
    panel.get_by_label("Band of a group").select_option("t95")
    panel.locator(".nbt-over").first.hover()
    expect(panel.locator(".nbt-tip:visible")).to_contain_text(re.compile(r"n=\d"))


def search(panel: Locator) -> None:
    """Let the search decide which runs are plotted, and switch one off."""
    panel.get_by_label("Search runs").fill("^run-[0-3]$")
    expect(rows(panel)).to_have_count(4)
    panel.get_by_role("checkbox", name="run-1").uncheck()
    expect(panel.get_by_text("3 of 7 plotted")).to_be_visible()


def look_at_differences(panel: Locator) -> None:
    """See what differs first, the rest folded; sort by a click."""
    panel.get_by_role("tab", name="Differences").click()
    table = panel.get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(4)
    table.get_by_role("button", name="depth").click()
    expect(table.get_by_role("rowheader").first).to_contain_text("run-0")
    expect(panel.get_by_text("1 keys of the config are the same")).to_be_visible()


def brush(panel: Locator) -> None:
    """Filter the runs in all tabs, by keyboard."""
    panel.get_by_role("tab", name="Parallel").click()
    axis = panel.get_by_role("slider", name="depth: runs within")
    axis.focus()
    expect_redrawn(panel, ".nbt-run-line")
    expect(axis).to_be_focused()
    for _ in range(3):
        panel.page.keyboard.press("ArrowUp")
    expect(panel.get_by_text("2 of 7 plotted")).to_be_visible()
    panel.get_by_role("button", name="Clear brushes").click()
    expect(panel.get_by_text("3 of 7 plotted")).to_be_visible()


def scatter(panel: Locator) -> None:
    """Go from run to run, by keyboard."""
    panel.get_by_role("tab", name="Scatter").click()
    points = panel.get_by_role("img", name=re.compile("runs"))
    points.focus()
    panel.page.keyboard.press("ArrowRight")
    tip = panel.locator(".nbt-tip:visible")
    expect(tip).to_contain_text("run-")
    expect_redrawn(panel, ".nbt-dot-run")
    expect(tip).to_contain_text("run-")


def expect_redrawn(panel: Locator, shape: str) -> None:
    """Wait until the run that goes on has had the shapes drawn anew."""
    old = panel.locator(shape).first.element_handle()
    wait_until(
        lambda: not old.evaluate("shape => shape.isConnected"),
        what=f"new {shape} of the live run",
    )


def test_runs_beside_each_other(lab: LabPage, tmp_path) -> None:
    """Everything that a person does with them, in one go: opening JupyterLab takes longest."""
    flag = tmp_path / "end"
    lab.open(
        "beside.ipynb",
        [
            cell(RUNS, PROJECT="beside", HOSTILE=HOSTILE),
            cell(LIVE, FLAG=str(flag)),
        ],
    )
    lab.run(0)
    lab.wait_idle()
    lab.run(1)
    panel = lab.cell(1).get_by_role("region", name="Comparison of runs")

    expect_live(lab, panel)
    hover(panel)
    take_along(panel, tmp_path)
    group(panel)
    search(panel)
    look_at_differences(panel)
    brush(panel)
    scatter(panel)

    assert violations(panel) == []
    flag.touch()
    lab.wait_idle()
    (output,) = [one for one in lab.outputs(1) if COMPARE in one.get("data", {})]
    kept = output["data"]
    assert HOSTILE not in kept["text/html"]
    assert "7 runs; " in kept["text/plain"]
    assert {run["state"] for run in kept[COMPARE]["comparison"]["runs"]} == {"finished"}
    assert len(json.dumps(kept)) < 200_000


def test_the_panel_is_readable_in_both_themes(lab: LabPage) -> None:
    lab.open("beside-looks.ipynb", [cell(RUNS, PROJECT="looks", HOSTILE=HOSTILE), LOOK])
    lab.run(0)
    lab.wait_idle()
    themes: tuple[Theme, ...] = ("Light", "Dark")
    looked_at = "Charts"
    for theme in themes:
        lab.theme(theme)
        lab.run(1)
        lab.wait_idle()
        panel = lab.cell(1).get_by_role("region", name="Comparison of runs")
        expect_of_the_kernel(panel)
        tab = panel.get_by_role("tab", name=looked_at)
        expect(tab).to_have_attribute("aria-selected", "true")
        panel.get_by_role("tab", name="Charts").click()
        expect(panel.locator("canvas").first).to_be_visible()
        assert len(lab.outputs(1)) == 1  # the call shows it, and its value not once more
        for name in ("Charts", "Differences", "Parallel", "Scatter"):
            panel.get_by_role("tab", name=name).click()
            lab.screenshot(f"comparison-{name.lower()}-{theme.lower()}", panel)
            looked_at = name  # a cell that runs again shows it again
            assert violations(panel) == []


def choose_time_and_groups(panel: Locator) -> None:
    """See another axis than the one that was asked for in code, and other groups."""
    panel.get_by_label("Horizontal axis").select_option("time")
    panel.get_by_label("Group runs by").select_option("config.depth")


def expect_time_and_groups(panel: Locator) -> None:
    expect(panel.get_by_label("Horizontal axis")).to_have_value("time")
    groups = panel.get_by_role("list", name="Groups").get_by_role("listitem")
    expect(groups).to_have_count(6)


def test_a_comparison_whose_kernel_was_killed_says_so(lab: LabPage) -> None:
    """What stands there would look as if its runs went on."""
    name = "beside-killed"
    source = f"run = nbtrack.init(project={name!r}, name={name!r}); run.log({{'loss': 1.0}})"
    lab.open(f"{name}.ipynb", [f"import nbtrack; {source}", f"nbtrack.compare({name!r})"])
    lab.run_all()
    panel = lab.cell(1).get_by_role("region", name="Comparison of runs")
    expect(panel.get_by_text(re.compile(r"^1 going on$"))).to_be_visible()

    lab.kill_kernel_of(name, signal.SIGKILL)

    expect(panel.get_by_text("its kernel is gone: drawn from the store")).to_be_visible()
    expect(panel.get_by_text("going on")).to_have_count(0)
    expect(rows(panel)).to_contain_text("Crashed")
    expect(panel.locator("canvas").first).to_be_visible()
    lab.screenshot("comparison-killed", panel)


def test_a_comparison_is_there_after_a_reload_and_without_a_kernel(lab: LabPage) -> None:
    """As it was looked at: the kernel draws it, or else the server; nothing of it is lost."""
    lab.open("beside-saved.ipynb", [cell(RUNS, PROJECT="saved", HOSTILE=HOSTILE), LOOK])
    lab.run_all()
    lab.wait_idle()
    panel = lab.cell(1).get_by_role("region", name="Comparison of runs")
    expect_of_the_kernel(panel)
    choose_time_and_groups(panel)
    expect_time_and_groups(panel)
    lab.save()

    # The page begins anew, the kernel is there.
    lab.reload()
    lab.settle()
    lab.show("beside-saved.ipynb")
    expect_time_and_groups(panel)

    # Somebody is sent the notebook: no kernel, but a server that has the runs.
    lab.show_copy("beside-saved.ipynb")
    expect(panel.get_by_text("Saved comparison, drawn from the store")).to_be_visible()
    expect(rows(panel)).to_have_count(6)
    expect(panel.get_by_label("Horizontal axis")).to_have_value("step")
    choose_time_and_groups(panel)
    expect_time_and_groups(panel)
    panel.get_by_label("Horizontal axis").select_option("step")
    panel.locator(".nbt-over").first.hover()
    expect(panel.locator(".nbt-tip:visible")).to_contain_text("n=1")
    panel.get_by_label("Horizontal axis").select_option("time")
    panel.get_by_role("tab", name="Parallel").click()
    expect(panel.get_by_role("slider")).to_have_count(3)
    assert not lab.has_kernel()

    # The same tomorrow.
    lab.reload()
    lab.show("copy-of-beside-saved.ipynb", start_kernel=False)
    expect(panel.get_by_role("slider")).to_have_count(3)
    panel.get_by_role("tab", name="Charts").click()
    expect_time_and_groups(panel)
    lab.screenshot("comparison-saved", panel)
