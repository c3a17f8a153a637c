/**
 * What colours a canvas has to use. A canvas knows no CSS variables: they are resolved
 * through a probe element, and again whenever the page changes its theme.
 */
import { seriesColor } from "./palette";

export interface Colors {
  readonly dark: boolean;
  readonly highContrast: boolean;
  readonly text: string;
  readonly grid: string;
  readonly background: string;
  readonly trouble: string;
  readonly font: string;
  series(index: number): string;
}

/** Attributes by which JupyterLab, VS Code, marimo and others tell their theme. */
const ATTRIBUTES = [
  "class",
  "style",
  "data-jp-theme-name",
  "data-jp-theme-light",
  "data-vscode-theme-kind",
  "data-vscode-theme-id",
  "data-theme",
];

/** Tells when the page is on its way to a printer. */
export const paper = (): MediaQueryList => matchMedia("print");

const QUERIES = [
  "(prefers-color-scheme: dark)",
  "(prefers-contrast: more)",
  "(forced-colors: active)",
];

/**
 * Marks `root` as light, dark, of high contrast or on paper, for the style sheet, and reads
 * its colours. Paper is white, whatever the theme is.
 */
export function readColors(root: HTMLElement): Colors {
  root.toggleAttribute("data-paper", paper().matches);
  const dark = !paper().matches && isDark(root);
  const highContrast = isHighContrast();
  root.dataset.theme = dark ? "dark" : "light";
  root.dataset.contrast = highContrast ? "more" : "normal";
  const probe = root.appendChild(document.createElement("span"));
  probe.hidden = true;
  const resolve = (variable: string) => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    dark,
    highContrast,
    text: resolve("--nbt-muted"),
    grid: resolve("--nbt-grid"),
    background: resolve("--nbt-card"),
    trouble: resolve("--nbt-warn"),
    font: `11px ${getComputedStyle(root).fontFamily}`,
    series: (index: number) => seriesColor(index, dark),
  };
  probe.remove();
  return colors;
}

/** Calls `changed` whenever the page's theme may have changed. Returns the way to end it. */
export function watchTheme(changed: () => void): () => void {
  // A host sets its attribute before the theme's style sheet has arrived: look twice.
  let late: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    changed();
    clearTimeout(late);
    late = setTimeout(changed, 400);
  };
  const observer = new MutationObserver(look);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: ATTRIBUTES });
  }
  const queries = QUERIES.map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", look);
  return () => {
    clearTimeout(late);
    observer.disconnect();
    for (const query of queries) query.removeEventListener("change", look);
  };
}

/** A host's variables decide; without any, the first background that is not transparent. */
function isDark(root: HTMLElement): boolean {
  const style = getComputedStyle(root);
  for (const variable of ["--jp-layout-color1", "--vscode-editor-background"]) {
    if (style.getPropertyValue(variable)) return luminance(style.backgroundColor) < 0.5;
  }
  for (let at: Element | null = parentOf(root); at; at = parentOf(at)) {
    const color = getComputedStyle(at).backgroundColor;
    if (opacity(color) > 0.5) return luminance(color) < 0.5;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches && acceptsDark();
}

/** A page that never says so is white even where the system prefers dark. */
function acceptsDark(): boolean {
  return getComputedStyle(document.documentElement).colorScheme.includes("dark");
}

function isHighContrast(): boolean {
  const { jpThemeName = "", vscodeThemeKind = "" } = document.body.dataset;
  return (
    /high.?contrast/i.test(jpThemeName + vscodeThemeKind) ||
    matchMedia("(prefers-contrast: more)").matches ||
    matchMedia("(forced-colors: active)").matches
  );
}

function parentOf(element: Element): Element | null {
  if (element.parentElement) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

function opacity(color: string): number {
  return channels(color)[3] ?? 1;
}

/** How light a computed colour looks, 0 to 1. */
export function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color);
  const scale = color.startsWith("color(") ? 1 : 255;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / scale;
}

function channels(color: string): number[] {
  return (color.match(/[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
}
