/** One line of the console as a row: its time, its logger, its text in its colours. */
import { formatDuration, formatMoment } from "../chart";
import { cssColor, levelOf, parseAnsi, type Style } from "../data";
import type { Line } from "../protocol";
import { h } from "./dom";

/**
 * @param line undefined while it is fetched.
 * @param started of the run, seconds since the epoch.
 * @param search what is marked in the text.
 */
export function logRow(
  line: Line | undefined,
  started: number,
  search: RegExp | null,
): HTMLElement {
  if (!line) return h("div", { class: "nbt-log-row", "data-level": "missing" }, "…");
  const time = h("span", { class: "nbt-log-time" }, formatDuration(line.time - started));
  time.title = formatMoment(line.time);
  const text = h("span", { class: "nbt-log-text" });
  for (const { text: piece, style } of parseAnsi(line.text)) {
    text.append(...marked(piece, search).map((node) => styled(node, style)));
  }
  const label = line.label ? h("span", { class: "nbt-log-label" }, line.label) : null;
  const level = levelOf(line);
  return h(
    "div",
    { class: "nbt-log-row", "data-stream": line.stream, "data-level": level || undefined },
    time,
    label,
    text,
  );
}

/** A piece of text as nodes, with what the search found marked. */
function marked(text: string, search: RegExp | null): (Text | HTMLElement)[] {
  if (!search) return [document.createTextNode(text)];
  const nodes: (Text | HTMLElement)[] = [];
  let from = 0;
  for (const match of text.matchAll(new RegExp(search, "gi"))) {
    if (match[0] === "") continue;
    nodes.push(document.createTextNode(text.slice(from, match.index)));
    nodes.push(h("mark", {}, match[0]));
    from = match.index + match[0].length;
  }
  nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}

function styled(node: Text | HTMLElement, style: Style): Node {
  if (Object.keys(style).length === 0) return node;
  const span = h("span", {}, node);
  const [color, background] = style.inverse
    ? [style.background ?? "var(--nbt-bg)", style.color ?? "var(--nbt-fg)"]
    : [style.color, style.background];
  if (color !== undefined) span.style.color = cssColor(color);
  if (background !== undefined) span.style.backgroundColor = cssColor(background);
  if (style.bold) span.style.fontWeight = "600";
  if (style.dim) span.style.opacity = "0.7";
  if (style.italic) span.style.fontStyle = "italic";
  const lines = [style.underline && "underline", style.strike && "line-through"].filter(Boolean);
  if (lines.length > 0) span.style.textDecoration = lines.join(" ");
  return span;
}
