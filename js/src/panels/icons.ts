/** Our own icons: 16 by 16, one stroke width, in the colour of the text around them. */

const SHAPES = {
  running: "M8 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8",
  finished: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5M5.2 8.2l2 2l3.8-4.2",
  failed: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2",
  crashed: "M8 2.2L14.4 13.4H1.6ZM8 6.4v3.2M8 11.4v.2",
  killed: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5M6 6h4v4h-4Z",
  pending: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5M8 4.8V8l2.2 1.6",
  preempted: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5M6.4 5.8v4.4M9.6 5.8v4.4",
  chevron: "M6 4l4 4l-4 4",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M10.4 10.4L13.5 13.5",
  stop: "M4 4h8v8h-8Z",
  download: "M8 2.5v7.5M4.8 7L8 10.2L11.2 7M3 13.5h10",
  follow: "M2.5 3.5h11M2.5 7h5.5M2.5 10.5h4M11.5 6.5v6.5M9.2 10.8l2.3 2.3l2.3-2.3",
  close: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  warning: "M8 2.2L14.4 13.4H1.6ZM8 6.4v3.2M8 11.4v.2",
  error: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5M8 4.8v4M8 10.9v.2",
  info: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5M8 7.4v3.8M8 4.9v.2",
  saved: "M4 2.5h8v11l-4-2.8l-4 2.8Z",
  reconnecting: "M13 8a5 5 0 1 1-1.5-3.6M13.2 2.2v2.8h-2.8",
  pencil: "M3 13l.6-2.8L10.8 3a1.4 1.4 0 0 1 2 2L5.7 12.3Z",
  copy: "M5.5 5.5h7.5v7.5h-7.5ZM3 10.5V3h7.5",
  check: "M3.5 8.5l3 3l6-7",
  plus: "M8 3.5v9M3.5 8h9",
  idle: "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5M6.4 5.8v4.4M9.6 5.8v4.4",
  sort: "M2.5 4.5h11M2.5 8h7.5M2.5 11.5h4",
  filter: "M2.5 3.5h11L9.5 8.5v4l-3 1.2v-5.2Z",
  folder: "M2 4h4.2l1.4 1.6H14v7.4H2Z",
  file: "M4 2.2h5l3 3v8.6H4ZM9 2.2v3h3",
  code: "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5",
  cell: "M2.5 2.5h11v11h-11ZM5 5.5l2 2.2l-2 2.2M8.5 10.2h2.5",
  bell: "M4 11V7.5a4 4 0 0 1 8 0V11l1 1.2H3ZM6.8 14h2.4",
  up: "M4 10l4-4l4 4",
  down: "M4 6l4 4l4-4",
  more: "M3.5 8v.01M8 8v.01M12.5 8v.01",
  expand: "M9.5 2.5h4v4M13.5 2.5L9 7M6.5 13.5h-4v-4M2.5 13.5L7 9",
  report: "M4 2h5l3 3v9H4ZM9 2v3h3M6 8.2h4M6 10.8h4",
  chart: "M2.5 2.5v11h11M5 10.5l2.6-3.4l2.2 1.8L13 4.5",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 9h5.8l.6-9",
  tag: "M2.5 2.5h5.2l5.8 5.8l-5.2 5.2L2.5 7.7ZM5.3 5.3v.01",
  undo: "M3 7.5h7a3.2 3.2 0 0 1 0 6.4H6.5M5.8 4.6L3 7.5l2.8 2.9",
  columns: "M2.5 3h11v10h-11ZM6.2 3v10M9.8 3v10",
  best: "M8 2l1.8 3.7l4 .6l-2.9 2.8l.7 4L8 11.2l-3.6 1.9l.7-4L2.2 6.3l4-.6Z",
} as const;

export type IconName = keyof typeof SHAPES;

const SVG = "http://www.w3.org/2000/svg";

/** Makes an icon; screen readers pass it by, the word stands beside it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `nbt-icon nbt-icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

const STATE_ICONS: Readonly<Record<string, IconName>> = {
  pending: "pending",
  running: "running",
  finished: "finished",
  failed: "failed",
  crashed: "crashed",
  killed: "killed",
  preempting: "preempted",
  preempted: "preempted",
  idle: "idle",
};

/** The state of a run as icon and word; colour comes from the style sheet by `data-state`. */
export function stateBadge(state: string): HTMLElement {
  const badge = document.createElement("span");
  badge.className = "nbt-state";
  badge.dataset.state = Object.hasOwn(STATE_ICONS, state) ? state : "pending";
  const word = document.createElement("span");
  word.textContent = state.charAt(0).toUpperCase() + state.slice(1);
  badge.append(icon(STATE_ICONS[badge.dataset.state] ?? "pending"), word);
  return badge;
}
