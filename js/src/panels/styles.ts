/** The panel's style sheets, put where the panel stands: a document or a shadow root. */
import PANEL from "./panel.css";
import TABS from "./tabs.css";

const TEXT = PANEL + TABS;
const MARK = "data-nbtrack-style";

/** Puts the styles into the root that `element` is in, and those of a part; once per root. */
export function adoptStyles(element: Element, part = ""): void {
  const root = element.getRootNode();
  const home = root instanceof ShadowRoot ? root : document.head;
  for (const text of [TEXT, part]) {
    // Two bundles of one page share a sheet only where it is the same one.
    const name = fingerprint(text);
    if (text === "" || home.querySelector(`style[${MARK}="${name}"]`)) continue;
    const style = document.createElement("style");
    style.setAttribute(MARK, name);
    style.textContent = text;
    home.append(style);
  }
}

function fingerprint(text: string): string {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return (hash >>> 0).toString(36);
}
