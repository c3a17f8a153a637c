"""A real JupyterLab and a real Chromium, once for all browser tests of a process."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.page import LabPage
from browser.server import LabServer
from browser.training import Training
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright
from waiting import PATIENCE_S

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREEN: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, own_home: Path) -> Iterator[LabServer]:
    """Start JupyterLab as a user of this environment has it, extension and all."""
    server = LabServer.start(tmp_path_factory.mktemp("jupyterlab"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail(f"the browser tests need one of {', '.join(BROWSERS)}; `make chromium`")
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def notebook(server: LabServer, browser: Browser) -> Iterator[LabPage]:
    """Open a tab for Notebook 7; afterwards its scripts must have raised nothing."""
    context = browser.new_context(viewport=SCREEN)
    page = LabPage(context.new_page(), server)
    yield page
    context.close()
    assert page.errors == []
    assert page.dialogs == []


@pytest.fixture
def lab(request: pytest.FixtureRequest, server: LabServer, browser: Browser) -> Iterator[LabPage]:
    """Open JupyterLab in a tab of its own; afterwards its scripts must have raised nothing."""
    context = browser.new_context(viewport=SCREEN)
    lab = LabPage(context.new_page(), server)
    lab.start(workspace=slug(request.node.name))
    yield lab
    context.close()
    assert lab.errors == []
    assert lab.dialogs == []


@pytest.fixture
def training(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Training]:
    """Give a training of the test's own name; it ends with the test."""
    training = Training(slug(request.node.name), tmp_path / "end")
    yield training
    training.end()


def slug(name: str) -> str:
    """Return a test's name as it can stand in an address."""
    return re.sub(r"[^a-z0-9]+", "-", name.removeprefix("test_")).strip("-")
