/** The panel's style sheets, put where the panel stands: a document or a shadow root. */
import PANEL from "./panel.css";
import TABS from "./tabs.css";

const TEXT = PANEL + TABS;
const MARK = "data-nbtrack-style";

/** Two bundles of one page share a sheet only where it is the same one. */
const NAME = fingerprint(TEXT);

/** Puts the styles into the root that `element` is in; once per root. */
export function adoptStyles(element: Element): void {
  const root = element.getRootNode();
  const home = root instanceof ShadowRoot ? root : document.head;
  if (home.querySelector(`style[${MARK}="${NAME}"]`)) return;
  const style = document.createElement("style");
  style.setAttribute(MARK, NAME);
  style.textContent = TEXT;
  home.append(style);
}

function fingerprint(text: string): string {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return (hash >>> 0).toString(36);
}
