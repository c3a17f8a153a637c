/** The panel's style sheet, put where the panel stands: a document or a shadow root. */
import plotCss from "uplot/dist/uPlot.min.css";
import panelCss from "./panel.css";

const MARK = "data-nbtrack-style";
const VERSION = "1";

/** Puts the styles into the root that `element` is in; once per root. */
export function adoptStyles(element: Element): void {
  const root = element.getRootNode();
  const home = root instanceof ShadowRoot ? root : document.head;
  if (home.querySelector(`style[${MARK}="${VERSION}"]`)) return;
  const style = document.createElement("style");
  style.setAttribute(MARK, VERSION);
  style.textContent = plotCss + panelCss;
  home.append(style);
}
