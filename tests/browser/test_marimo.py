"""The panel in a notebook of marimo, which has no IPython and draws outputs in shadow trees."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.conftest import SCREEN
from browser.panel import Panel
from browser.server import free_port
from playwright.sync_api import Browser, Error, Page, expect
from waiting import wait_until

NOTEBOOK = """
import marimo
app = marimo.App()

@app.cell
def _():
    import nbtrack, pathlib, time
    run = nbtrack.init(project="shells", name="otter", config={"lr": 0.1})
    run.config["lr"] = 0.2
    run.display()
    return pathlib, run, time

@app.cell
def _(pathlib, run, time):
    step = 0
    while not pathlib.Path("end").exists():
        run.log({"loss": 1 / (step + 1)})
        step += 1
        time.sleep(0.02)
    run.finish()
    return

if __name__ == "__main__":
    app.run()
"""


@pytest.fixture
def notebook(tmp_path: Path, browser: Browser) -> Iterator[Page]:
    (tmp_path / "notebook.py").write_text(NOTEBOOK, "utf-8")
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "marimo", "run", "notebook.py", "--headless", "--no-token"),
            *("--host", "127.0.0.1", "--port", str(port)),
        ],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    context = browser.new_context(viewport=SCREEN)
    page = context.new_page()
    wait_until(lambda: opens(page, f"http://127.0.0.1:{port}/"), 60, what="the start of marimo")
    yield page
    context.close()
    server.terminate()
    server.wait(timeout=15)


def opens(page: Page, address: str) -> bool:
    try:
        page.goto(address)
    except Error:
        return False
    return True


def test_the_panel_is_live_in_a_busy_cell_and_tells_the_end(notebook: Page, tmp_path: Path) -> None:
    panel = Panel(notebook.locator("body"))
    panel.expect_live("otter")
    panel.expect_to_move()
    # Styles of the page do not reach into a shadow tree: the panel brings its own there.
    assert panel.element.evaluate("element => getComputedStyle(element).display") == "flex"

    (tmp_path / "end").touch()

    panel.expect_state("finished")
    expect(panel.element.get_by_role("button", name="Stop")).to_have_count(0)
