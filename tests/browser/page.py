"""JupyterLab in a browser, as a test sees it: notebooks, cells, themes, panels.

Everything goes through `window.jupyterapp`, the application's own object, or through
what a person sees. Nothing here sleeps.
"""

import json
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import nbformat
from browser.server import LabServer
from playwright.sync_api import Dialog, Error, Locator, Page, expect

from nbtrack.store import Reader, RunFacts

Theme = Literal["Light", "Dark", "Dark High Contrast"]
SCREENSHOTS = Path(__file__).parent / "screenshots"

WIDGETS_OWN = "@jupyter-widgets/jupyterlab-manager"
"""Raises for every notebook that is opened without a kernel (version 5.0.16)."""
NOTEBOOKS_OWN = "(reading 'schema')\n    at", "/static/notebook/notebook_core."
"""Raised by every page of Notebook 7.6.5, with or without extensions."""
NOTEBOOKS_PATH = "Command 'filebrowser:open-path' not registered"
"""Raised now and then by a page of Notebook 7.6.5: it has no file browser to follow it."""
START_MS = 60_000
"""JupyterLab's first page on two busy cores took up to 12 s."""

OPEN = """async ({ path, shouldStart }) => {
  const { commands, shell } = window.jupyterapp;
  const panel = await commands.execute("docmanager:open", {
    path, factory: "Notebook", kernelPreference: { shouldStart },
  });
  await panel.context.ready;
  if (shouldStart) await panel.sessionContext.ready;
  shell.activateById(panel.id);
}"""
IN_FRONT = "path => window.jupyterapp.shell.currentWidget?.context?.path === path"
IDLE = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  // Before JupyterLab 4.4 only the prompt tells.
  const running = panel?.content?.widgets?.some(cell => cell.model.type === "code" &&
    (cell.model.executionState === "running" ||
     cell.node.querySelector(".jp-InputPrompt")?.textContent.includes("*")));
  return panel?.sessionContext?.session?.kernel?.status === "idle" && !running;
}"""
"""The kernel alone may say `idle` in the middle of a cell, when it answered a panel."""
SETTLED = """() => window.jupyterapp.allPluginsActivated.then(() => new Promise(done => {
  const middle = document.getElementById("jp-main-dock-panel");
  middle.addEventListener("focusin", () => done(null), { once: true });
  setTimeout(done, 5_000, null);
}))"""
"""About a second after its start JupyterLab focuses what was in the middle, once."""
HAS_KERNEL = """() => Boolean(
  window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel)"""
RUN = """index => {
  const { commands, shell } = window.jupyterapp;
  shell.currentWidget.content.activeCellIndex = index;
  commands.execute("notebook:run-cell");
}"""
ACTIVATE = """index => {
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
}"""
RESTART = """() => {
  const { sessionContext } = window.jupyterapp.shell.currentWidget;
  return sessionContext.session.kernel.restart();
}"""
RUN_ALL = """async () => {
  await window.jupyterapp.commands.execute("notebook:run-all-cells");
}"""
OUTPUT_TEXT = """index => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[index];
  return JSON.stringify(cell.model.outputs.toJSON());
}"""


class LabPage:
    """One browser tab with JupyterLab in it.

    Attributes:
        page: Playwright's page, for locators.
        errors: Uncaught errors of the page's scripts.
        dialogs: Messages of `alert()` and its like; hostile text must not get any.
    """

    def __init__(self, page: Page, server: LabServer) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        page.on("pageerror", self._note_error)
        page.on("dialog", self._note_dialog)

    def start(self, workspace: str) -> None:
        """Load JupyterLab with an empty workspace of the given name."""
        self.page.goto(f"{self.server.url}/lab/workspaces/{workspace}?token={self.server.token}")
        self._await_application()

    def goto(self, address: str) -> None:
        """Load an address of the server in place of the page that is there."""
        self.page.goto(address)
        self._await_application()

    def open(self, name: str, cells: Sequence[str]) -> None:
        """Write a notebook of these code cells, open it and wait for its kernel."""
        self.write(name, cells)
        self.show(name)
        self.wait_idle()

    def write(self, name: str, cells: Sequence[str]) -> None:
        """Write a notebook of these code cells."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.server.root / name)

    def goto_notebook(self, name: str) -> None:
        """Open a notebook in Notebook 7, in place of the page that is there."""
        self.page.goto(f"{self.server.url}/notebooks/{name}?token={self.server.token}")
        self._await_application()
        self.page.wait_for_function(IN_FRONT, arg=name)
        self.wait_idle()

    def show(self, name: str, *, start_kernel: bool = True) -> None:
        """Open a notebook file, or bring it to the front.

        Args:
            name: Path below the server's root.
            start_kernel: Whether it gets a kernel, if it has none.
        """
        self.page.evaluate(OPEN, {"path": name, "shouldStart": start_kernel})
        self.page.wait_for_function(IN_FRONT, arg=name)

    def show_copy(self, name: str) -> None:
        """Open a saved notebook as somebody does who was sent it: under a name without a kernel."""
        copy = shutil.copy(self.server.root / name, self.server.root / f"copy-of-{name}")
        self.show(Path(copy).name, start_kernel=False)

    def has_kernel(self) -> bool:
        """Tell whether the notebook has a kernel."""
        return bool(self.page.evaluate(HAS_KERNEL))

    def sidebar(self) -> Locator:
        """Show the list of runs and return it."""
        self.page.evaluate("() => window.jupyterapp.shell.activateById('nbtrack-sidebar')")
        return self.page.get_by_role("region", name="Runs of nbtrack")

    def run_tab(self) -> Locator:
        """Return the main area's tab of a run that is in front."""
        return self.page.locator(".nbt-lab-tab:visible")

    def save_layout(self) -> None:
        """Wait until JupyterLab has saved which tabs are open."""
        with self.page.expect_response(lambda r: "/api/workspaces" in r.url and r.ok):
            pass

    def kill_kernel_of(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the kernel that writes a run."""
        os.kill(self.only_run(name).opened.owner.pid, number)

    def only_run(self, name: str) -> RunFacts:
        """Return the run of this name as the store has it."""
        [facts] = [run for run in Reader(self.server.workspace).runs() if run.opened.name == name]
        return facts

    def command(self, name: str, **arguments: str | int | bool) -> None:
        """Execute a command of JupyterLab and wait until it is done."""
        script = f"a => window.jupyterapp.commands.execute({json.dumps(name)}, a).then(() => null)"
        self.page.evaluate(script, arguments)

    def run(self, index: int) -> None:
        """Start a cell and do not wait for it."""
        self.page.evaluate(RUN, index)

    def run_all(self) -> None:
        """Run every cell and wait for the last."""
        self.page.evaluate(RUN_ALL)
        self.wait_idle()

    def wait_idle(self, timeout_s: float = 60) -> None:
        """Wait until the notebook's kernel has nothing to do."""
        self.page.wait_for_function(IDLE, timeout=timeout_s * 1000)

    def is_busy(self) -> bool:
        """Tell whether the notebook's kernel is at work."""
        return not self.page.evaluate(IDLE)

    def cell(self, index: int) -> Locator:
        """Return a cell of the notebook in front."""
        return self.page.locator(".jp-NotebookPanel:visible .jp-Cell").nth(index)

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Return a cell's outputs as the notebook's model has them."""
        outputs: list[dict[str, Any]] = json.loads(self.page.evaluate(OUTPUT_TEXT, index))
        return outputs

    def create_output_view(self, index: int) -> Locator:
        """Create a new view for a cell's output and return it."""
        self.page.evaluate(ACTIVATE, index)
        self.command("notebook:create-output-view")
        return self.page.locator(".jp-LinkedOutputView:visible")

    def restart_kernel(self) -> None:
        """Restart the notebook's kernel and wait until it is there again."""
        self.page.evaluate(RESTART)
        self.wait_idle()

    def save(self) -> None:
        """Save the notebook."""
        self.command("docmanager:save")

    def reload(self) -> None:
        """Reload the page; what was open opens again."""
        self.page.reload()
        self._await_application()

    def settle(self) -> None:
        """Wait, right after the page's start, until JupyterLab takes the focus no more."""
        self.page.evaluate(SETTLED)

    def theme(self, name: Theme) -> None:
        """Change JupyterLab's theme and wait until it is there."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name}")
        expect(self.page.locator("body")).to_have_attribute(
            "data-jp-theme-name", f"JupyterLab {name}"
        )

    def screenshot(self, name: str, of: Locator | None = None) -> Path:
        """Write a picture into `tests/browser/screenshots/`."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        (of or self.page).screenshot(path=path, animations="disabled")
        return path

    def _await_application(self) -> None:
        self.page.wait_for_function("() => window.jupyterapp", timeout=START_MS)
        self.page.evaluate("() => window.jupyterapp.restored.then(() => null)")
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0, timeout=START_MS)

    def _note_error(self, error: Error) -> None:
        trace = error.stack or str(error)
        is_others = (
            WIDGETS_OWN in trace
            or NOTEBOOKS_PATH in trace
            or all(part in trace for part in NOTEBOOKS_OWN)
        )
        if not is_others:
            self.errors.append(trace)

    def _note_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":  # JupyterLab's own: the notebook has changed
            dialog.accept()
            return
        self.dialogs.append(dialog.message)
        dialog.dismiss()
