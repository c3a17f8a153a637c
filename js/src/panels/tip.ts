/**
 * The values under the crosshair: beside it while they are few, beside the chart when they
 * would hide it, and of one line above it where there is no room.
 */
import { formatCount } from "../chart";
import { h } from "./dom";

/** The value of one line. */
export interface TipRow {
  /** "" where it is the only line. */
  readonly name: string;
  readonly color: number;
  /** Number of its dashes, as in a list of runs. */
  readonly dash?: number;
  readonly text: string;
  /** Said beside it. */
  readonly more?: string;
  /** Whether its line is the one that the mouse is nearest to. */
  readonly near?: boolean;
}

const MOST_ROWS = 14;
/** In a body that is narrower, a list of names is as wide as a chart. */
const NARROW_PX = 420;
const GAP_PX = 8;
/** The share of a plot that a tip may hide. */
const HIDES = 0.5;

export class Tip {
  readonly element = h("div", { class: "nbt-tip", hidden: true });

  /** @param plot above which it stands: it is an element beside it. */
  constructor(private readonly plot: HTMLElement) {}

  hide(): void {
    this.element.hidden = true;
  }

  /**
   * @param where the place, in words.
   * @param rows in the order of their heights, where they have one.
   */
  show(where: string, rows: readonly TipRow[]): void {
    const isStrip = rows.length > 1 && this.isNarrow;
    const { element } = this;
    element.hidden = rows.length === 0;
    element.toggleAttribute("data-strip", isStrip);
    const head = h("div", { class: "nbt-tip-where" }, where);
    if (isStrip) {
      const row = rows.find(({ near }) => near) ?? rows[0];
      element.replaceChildren(head, ...(row ? [rowOf(row)] : []));
    } else element.replaceChildren(head, ...around(rows));
    this.place(isStrip);
  }

  /** Whether there is no room beside a chart. */
  get isNarrow(): boolean {
    return this.room.clientWidth < NARROW_PX;
  }

  private get room(): Element {
    return this.plot.closest(":fullscreen, .nbt-large, .nbt-body") ?? this.plot;
  }

  private place(isStrip: boolean): void {
    const line = this.plot.querySelector(".nbt-cross");
    const { style, offsetWidth: width, offsetHeight: height } = this.element;
    if (isStrip || !line) {
      style.transform = "";
      return;
    }
    const from = this.plot.getBoundingClientRect();
    const room = this.room.getBoundingClientRect();
    const at = line.getBoundingClientRect().left;
    const hides = height > HIDES * from.height;
    const beside = (hides && besideOf(from, room, width)) || besideLine(at, from, width);
    const left = inside(beside, width, room.left, room.right) - from.left;
    const top = inside(from.top + GAP_PX, height, room.top, room.bottom) - from.top;
    style.transform = `translate(${left}px, ${top}px)`;
  }
}

/** On the side of the crosshair with more room. */
function besideLine(at: number, plot: DOMRect, width: number): number {
  return at > plot.left + plot.width / 2 ? at - GAP_PX - width : at + GAP_PX;
}

/** Beside the plot, where it hides nothing of it; null where there is no room. */
function besideOf(plot: DOMRect, room: DOMRect, width: number): number | null {
  if (plot.right + GAP_PX + width < room.right) return plot.right + GAP_PX;
  const left = plot.left - 2 * GAP_PX - width;
  return left > room.left ? left : null;
}

/** As many rows as there is room for, around the one that is pointed at. */
function around(rows: readonly TipRow[]): HTMLElement[] {
  const near = Math.max(
    0,
    rows.findIndex((row) => row.near),
  );
  const first = Math.max(0, Math.min(near - MOST_ROWS / 2, rows.length - MOST_ROWS));
  const shown = rows.slice(first, first + MOST_ROWS);
  const rest = rows.length - first - shown.length;
  const left = (count: number, word: string) =>
    count > 0 ? [h("div", { class: "nbt-quiet" }, `${formatCount(count)} ${word}`)] : [];
  return [...left(first, "above"), ...shown.map(rowOf), ...left(rest, "below")];
}

function rowOf({ name, color, dash = 0, text, more, near = false }: TipRow): HTMLElement {
  return h(
    "div",
    { class: "nbt-tip-row", "data-color": color % 6, "data-near": near },
    name === "" ? null : h("span", { class: "nbt-dot", "data-dash": dash || undefined }),
    name === "" ? null : h("span", { class: "nbt-tip-name" }, name),
    h("b", {}, text),
    more ? h("span", { class: "nbt-quiet" }, more) : null,
  );
}

/** Where something of a size begins so that it ends before `high`, or at least begins there. */
function inside(at: number, size: number, low: number, high: number): number {
  return Math.max(low + 2, Math.min(at, high - size - 2));
}
