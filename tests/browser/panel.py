"""A run's panel, as somebody sees it: in a cell's output or in a tab of its own."""

from playwright.sync_api import Locator, expect
from waiting import wait_until

SECOND_MS = 1_000
UPDATES = """(step, ms) => new Promise(resolve => {
  let updates = 0;
  const watcher = new MutationObserver(() => { updates += 1; });
  watcher.observe(step, { childList: true, characterData: true, subtree: true });
  setTimeout(() => { watcher.disconnect(); resolve(updates); }, ms);
})"""
TAB_NAMES = "tabs => tabs.map(tab => tab.firstChild.textContent.trim())"
WIDTH = """(element, pixels) => {
  element.style.width = `${pixels}px`;
  return new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}"""
PIXELS = "canvas => canvas.toDataURL()"


class Panel:
    """The one visible panel inside a part of the page.

    Attributes:
        element: Its outermost element.
    """

    def __init__(self, within: Locator) -> None:
        self.element = within.locator(".nbt:visible")
        self._step = self.element.locator("dt:text-is('Step') + dd")

    def expect_run(self, name: str) -> None:
        """Wait until it is on the screen with this run."""
        expect(self.element).to_have_attribute("aria-label", f"Run {name}")

    def expect_live(self, name: str) -> None:
        """Wait until it is on the screen with this run and hears of it; a picture has no Stop."""
        self.expect_run(name)
        expect(self.element.get_by_role("button", name="Stop")).to_be_visible()

    def expect_state(self, state: str) -> None:
        """Wait until its badge says so."""
        badge = self.element.locator(".nbt-state-box")
        expect(badge).to_have_attribute("data-state", state)

    @property
    def step(self) -> int:
        """The step in its header; -1 before the first row."""
        text = (self._step.text_content() or "").replace(",", "")
        return int(text) if text.isdigit() else -1

    def expect_to_move(self) -> None:
        """Wait until it has come further, in its header and in its first chart."""
        chart = self.element.locator("canvas").first
        step, picture = self.step, chart.evaluate(PIXELS)
        wait_until(lambda: self.step > step, what=f"a step after {step}")
        wait_until(lambda: chart.evaluate(PIXELS) != picture, what="a new picture")

    def updates_in_a_second(self) -> int:
        """Count how often its header changes in a second of the browser's."""
        updates: int = self._step.evaluate(UPDATES, SECOND_MS)
        return updates

    def tabs(self) -> list[str]:
        """Return the names of its tabs, without their counts."""
        return self.element.get_by_role("tab").evaluate_all(TAB_NAMES)

    def be_wide(self, pixels: int) -> None:
        """Give it a width of its own, whatever there is room for."""
        self.element.evaluate(WIDTH, pixels)

    def open_tab(self, name: str) -> Locator:
        """Choose one of its tabs and return what is in it."""
        self.element.get_by_role("tab", name=name).click()
        return self.element.get_by_role("tabpanel", name=name)

    def stop(self) -> None:
        """Press Stop, and confirm."""
        self.element.get_by_role("button", name="Stop", exact=True).click()
        self.element.get_by_role("button", name="Stop run").click()

    def finish(self) -> None:
        """Press Finish, which is there where nothing goes on, and confirm."""
        self.element.get_by_role("button", name="Finish", exact=True).click()
        self.element.get_by_role("button", name="Finish run").click()
