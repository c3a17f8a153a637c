"""The charts of a run, as somebody looks closer at them."""

import csv
import re
from pathlib import Path

from browser.page import LabPage
from browser.panel import Panel
from playwright.sync_api import Locator, expect

SPIKE = 33_333
CELL = f"""
import nbtrack
run = nbtrack.init(project="charts", name="closer")
run.define_metric("val/loss", step_metric="epoch")
run.define_metric("noise", hidden=True)
run.display()
for step in range(50_000):
    row = {{"loss": 9.5 if step == {SPIKE} else 1 + step % 7, "noise": step % 5}}
    if step % 5_000 == 0:
        row |= {{"val/loss": 1 / (1 + step), "epoch": step // 5_000}}
    run.log(row)
"""


def chart(panel: Panel, key: str) -> Locator:
    """Return the card of a metric."""
    return panel.element.get_by_role("article", name=key, exact=True)


def plot(card: Locator) -> Locator:
    """Return the picture inside a card."""
    return card.get_by_role("img")


def test_whoever_looks_closer_sees_what_was_logged(lab: LabPage, tmp_path: Path) -> None:
    """From all points to single ones, by keyboard; the look is there after a reload."""
    lab.open("closer.ipynb", [CELL])
    lab.run_all()
    panel = Panel(lab.cell(0))
    panel.expect_run("closer")
    loss, val = chart(panel, "loss"), chart(panel, "val/loss")
    said = panel.element.locator(".nbt-spoken")

    # All of it: reduced, and it says so; the spike is there with its step.
    expect(loss).to_contain_text("of 50,000 points, extremes exact")
    expect(loss).to_contain_text(f"max 9.5000 @ {SPIKE:,}")
    expect(plot(loss)).to_have_accessible_name(re.compile("^loss: 50,000 values, newest "))

    # Closer, until every point is drawn.
    plot(loss).focus()
    for key in ["Home", *["ArrowRight"] * 3, *["+"] * 8]:
        lab.page.keyboard.press(key)
    expect(loss).not_to_contain_text("extremes exact")
    lab.page.keyboard.press("End")
    expect(said).to_contain_text("step ")
    lab.page.keyboard.press("0")
    expect(loss).to_contain_text("of 50,000 points, extremes exact")

    # Along what was defined; what is hidden comes when it is asked for.
    plot(val).focus()
    expect(val.locator("canvas")).to_be_visible()  # charts out of sight are not drawn
    lab.page.keyboard.press("End")
    expect(said).to_contain_text("epoch 9 · step 45,000")
    expect(chart(panel, "noise")).to_have_count(0)
    panel.element.get_by_role("button", name="Hidden").click()
    expect(chart(panel, "noise")).to_be_visible()

    # Two in one chart, on top, without outliers; its data.
    loss.locator("header").hover()
    loss.get_by_role("button", name="More for loss").click()
    panel.element.get_by_role("menuitem", name="Overlay with…").click()
    panel.element.get_by_role("menuitem", name="noise").click()
    expect(loss.get_by_role("group", name="Lines")).to_contain_text("noise")
    plot(loss).focus()
    lab.page.keyboard.press("p")
    expect(panel.element.get_by_role("group", name="Pinned")).to_contain_text("loss")
    with lab.page.expect_download() as saved:
        loss.locator("header").hover()
        loss.get_by_role("button", name="More for loss").click()
        panel.element.get_by_role("menuitem", name="Download data (CSV)").click()
    saved.value.save_as(tmp_path / "loss.csv")
    rows = list(csv.DictReader((tmp_path / "loss.csv").open()))
    assert {row["key"] for row in rows} == {"loss", "noise"}
    assert [row["step"] for row in rows if row["value"] == "9.5"] == [str(SPIKE)]

    # The same tomorrow.
    lab.save()
    lab.reload()
    lab.show("closer.ipynb")
    panel = Panel(lab.cell(0))
    panel.expect_run("closer")
    pinned = panel.element.get_by_role("group", name="Pinned")
    expect(chart(panel, "loss").get_by_role("group", name="Lines")).to_contain_text("noise")
    expect(pinned).to_contain_text("loss")
    lab.screenshot("charts-closer")
