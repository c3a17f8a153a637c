"""What axe finds wrong with a part of the page."""

from pathlib import Path

from playwright.sync_api import Locator

AXE = Path(__file__).parents[2] / "js/node_modules/axe-core/axe.min.js"
RUN = """async element => {
  const { violations } = await axe.run(element, {
    resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.html.slice(0, 200)} (${node.any[0]?.message ?? ""})`));
}"""


def violations(element: Locator) -> list[str]:
    """Return one line per element that breaks a rule: the rule, the element, why."""
    page = element.page
    if not page.evaluate("() => 'axe' in window"):
        # JupyterLab has an AMD loader, into which axe would go and not be found again.
        text = AXE.read_text("utf-8")
        page.evaluate(f"() => {{ const define = undefined, module = undefined; {text} }}")
    found: list[str] = element.evaluate(RUN)
    return found
