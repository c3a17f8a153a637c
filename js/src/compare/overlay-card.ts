/** One metric of several runs: a line per run, or a band per group with its runs behind it. */
import {
  type Area,
  type Axis,
  alongMetric,
  Chart,
  type Content,
  contentOf,
  dashOf,
  formatCount,
  formatDuration,
  formatValue,
  type Line,
  nearest,
  type Picture,
} from "../chart";
import { Series } from "../data";
import { h, Scope, setText } from "../panels/dom";
import { reducedText } from "../panels/words";
import type { DecodedBand } from "../protocol";
import { type CompareContext, MOST_LINES } from "./context";
import type { Drawn } from "./drawings";

/** What was drawn of a line, and what to say of it. */
interface Told {
  readonly name: string;
  readonly color: number;
  readonly content: Content;
  readonly band: DecodedBand | null;
  readonly series: Series;
}

const MOST_ROWS = 14;
const DESCRIBE_MS = 1000;
const TIP_GAP_PX = 8;

export class OverlayCard {
  readonly element: HTMLElement;
  private readonly note = h("span", { class: "nbt-note" });
  private readonly where = h("span", { class: "nbt-where" });
  private readonly plot: HTMLElement;
  private readonly tip = h("div", { class: "nbt-tip", hidden: true });
  private readonly scope: Scope;
  private readonly chart: Chart;
  private told: readonly Told[] = [];
  private describing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly key: string,
    title: string,
    private readonly context: CompareContext,
    private readonly zoomed: (range: Picture["zoom"]) => void,
  ) {
    this.scope = new Scope(context.failed);
    this.plot = h("div", {
      ...{ class: "nbt-plot", role: "img", tabindex: 0, "aria-label": key },
      "aria-keyshortcuts": "ArrowLeft ArrowRight Home End + - 0",
    });
    this.element = h(
      "article",
      { class: "nbt-card", "aria-label": key },
      h("header", {}, h("h4", { class: "nbt-card-title", title: key }, title), this.where),
      h("div", { class: "nbt-plot-box" }, this.plot, this.tip),
      h("footer", {}, this.note),
    );
    this.element.querySelector("header")?.append(this.logSwitch());
    this.chart = new Chart(this.plot, {
      stage: context.stage,
      read: () => this.read(),
      zoomed: (range) => this.zoomed(range),
      pointed: (x, here) => this.point(x, here),
    });
  }

  open(): () => void {
    this.scope.add(this.chart.open());
    this.scope.add(() => clearTimeout(this.describing));
    return () => this.scope.release();
  }

  invalidate(): void {
    this.context.stage.invalidate(this.chart);
  }

  private logSwitch(): HTMLElement {
    const { log } = this.context.state;
    const button = h("button", {
      ...{ type: "button", class: "nbt-compare-log", title: "Logarithmic axis" },
      ...{ "aria-pressed": log.has(this.key), "aria-label": `Logarithmic axis for ${this.key}` },
    });
    button.append("log");
    this.scope.listen(button, "click", () => {
      if (!log.delete(this.key)) log.add(this.key);
      button.setAttribute("aria-pressed", String(log.has(this.key)));
      this.invalidate();
    });
    return button;
  }

  private read(): Picture | null {
    const { state, drawings } = this.context;
    const drawn = drawings.of(this.key);
    this.element.toggleAttribute("data-waiting", !drawings.isFresh(this.key));
    if (!drawn) {
      setText(this.note, drawings.problem || "…");
      return null;
    }
    const axis = axisOf(state.x);
    const bands = axis === "step" ? [...drawn.bands.values()] : [];
    this.told = [...this.means(bands), ...this.lines(drawn, axis)];
    const log = state.log.has(this.key);
    this.showNote(drawn);
    this.describe();
    const grouped = bands.length > 0;
    const lines = this.told.map(({ content, color, band }): Line => {
      const dash = dashOf(color);
      return { content, color, ...(dash ? { dash } : {}), faint: grouped && band === null };
    });
    // Groups stand before the lines of their runs: they are drawn last.
    return {
      lines: grouped ? lines.reverse() : lines,
      areas: bands.map((band): Area => areaOf(band)),
      ...{ axis, log, unit: "plain", zoom: state.zoom },
    };
  }

  private lines(drawn: Drawn, axis: Axis): Told[] {
    const { state, feed, plotted, drawings } = this.context;
    const grouped = drawings.isGrouped;
    const told: Told[] = [];
    for (const run of plotted()) {
      const line = drawn.lines.get(run.uid);
      if (!line || told.length === MOST_LINES) continue;
      const smoothing = grouped ? 0 : state.smoothing;
      const content = contentOf(line.series, { axis, smoothing, log: this.isLog });
      const color = grouped ? line.group : (feed.store.slots.get(run.uid) ?? 0);
      const { series } = line;
      told.push({ name: run.name || run.id, color, content, band: null, series });
    }
    return told;
  }

  private means(bands: readonly DecodedBand[]): Told[] {
    const { state, drawings } = this.context;
    return bands.map((band) => {
      const { steps, means: values } = band;
      const weights = new Float64Array(values.length).fill(1);
      const parts = { steps, times: steps, xs: steps, values, weights, count: values.length };
      const series = Series.of(this.key, parts);
      const { smoothing } = state;
      const content = contentOf(series, { axis: "step", smoothing, log: this.isLog });
      return { name: drawings.groups[band.group] ?? "", color: band.group, content, band, series };
    });
  }

  private get isLog(): boolean {
    return this.context.state.log.has(this.key);
  }

  private showNote(drawn: Drawn): void {
    const lines = this.told.filter(({ band }) => band === null).length;
    const { drawings, state } = this.context;
    const words = [`${formatCount(drawn.runs)} ${drawn.runs === 1 ? "run" : "runs"}`];
    if (drawn.runs > lines && lines === MOST_LINES)
      words.push(
        `the ${lines} newest are drawn${drawn.bands.size > 0 ? ", bands are of all" : ""}`,
      );
    if (state.groupBy.length > 0 && state.x !== "step") words.push("bands stand over steps only");
    const below = this.told.reduce((sum, { content }) => sum + content.belowLog, 0);
    if (below > 0) words.push(`${formatCount(below)} points ≤ 0 not on a log axis`);
    const series = this.told.filter(({ band }) => band === null).map((one) => one.series);
    if (series.some((one) => one.reduced)) words.push(reducedText(series));
    const trouble = drawn.trouble || drawings.problem;
    setText(this.note, trouble || words.join(" · "));
    this.note.toggleAttribute("data-trouble", trouble !== "");
    this.note.title = this.note.textContent ?? "";
  }

  private point(x: number | null, here: boolean): void {
    setText(this.where, x === null ? "" : `at ${this.place(x)}`);
    this.tip.hidden = !here || x === null || this.told.length === 0;
    if (!here || x === null) return;
    const rows = this.rowsAt(x);
    const more = rows.length - MOST_ROWS;
    this.tip.replaceChildren(
      h("div", { class: "nbt-tip-where" }, this.place(x)),
      ...rows.slice(0, MOST_ROWS).map(({ told, text }) => tipRow(told, text)),
      more > 0 ? h("div", { class: "nbt-quiet" }, `and ${more} more`) : "",
    );
    this.placeTip();
    if (this.plot.matches(":focus-visible")) {
      const words = rows.slice(0, 5).map(({ told, text }) => `${told.name} ${text}`);
      this.context.say(`${this.place(x)}: ${words.join(", ")}`);
    }
  }

  /** The values of all runs at a place, the greatest first; of groups, when there are some. */
  private rowsAt(x: number): { readonly told: Told; readonly text: string }[] {
    const groups = this.told.filter(({ band }) => band !== null);
    const rows = (groups.length > 0 ? groups : this.told).flatMap((told) => {
      const { content, band } = told;
      const [first, last] = [content.x[0], content.x.at(-1)];
      if (first === undefined || last === undefined || x < first || x > last) return [];
      const index = nearest(content.x, x);
      const value = content.values[index] as number;
      return [{ told, value, text: band ? bandText(band, index) : formatValue(value) }];
    });
    return rows.sort((a, b) => rankOf(b.value) - rankOf(a.value));
  }

  private place(x: number): string {
    const { state } = this.context;
    if (state.x === "step") return `step ${formatCount(x)}`;
    return state.x === "time" ? formatDuration(x) : `${state.x} ${formatValue(x)}`;
  }

  /** Beside the crosshair, on the side with more room, and wholly to be seen. */
  private placeTip(): void {
    const line = this.plot.querySelector(".nbt-cross");
    if (!line) return;
    const from = this.plot.getBoundingClientRect();
    const room = (this.element.closest(".nbt-body") ?? this.plot).getBoundingClientRect();
    const at = line.getBoundingClientRect().left;
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const beside = at > from.left + from.width / 2 ? at - TIP_GAP_PX - width : at + TIP_GAP_PX;
    const left = inside(beside, width, room.left, room.right) - from.left;
    const top = inside(from.top + TIP_GAP_PX, height, room.top, room.bottom) - from.top;
    this.tip.style.transform = `translate(${left}px, ${top}px)`;
  }

  /** The chart in words, for those who cannot see it. */
  private describe(): void {
    this.describing ??= setTimeout(() => {
      this.describing = undefined;
      const newest = this.told.slice(0, 8).map(({ name, content }) => {
        const value = content.values.at(-1);
        return `${name} ${value === undefined ? "no values" : formatValue(value)}`;
      });
      const more = this.told.length > 8 ? `, and ${this.told.length - 8} more` : "";
      const label = `${this.key}, newest values: ${newest.join(", ")}${more}`;
      this.plot.setAttribute("aria-label", label);
    }, DESCRIBE_MS);
  }
}

/** What lies below a chart, as the charts name it. */
export function axisOf(x: string): Axis {
  return x === "step" || x === "time" ? x : alongMetric(x);
}

function areaOf({ steps: x, lows, highs, group: color }: DecodedBand): Area {
  return { x, lows, highs, color };
}

function bandText(band: DecodedBand, index: number): string {
  const [low, high] = [band.lows[index] as number, band.highs[index] as number];
  const edges = Number.isNaN(low) ? "" : ` (${formatValue(low)} to ${formatValue(high)})`;
  return `${formatValue(band.means[index] as number)}${edges} n=${band.counts[index]}`;
}

function tipRow({ name, color }: Told, text: string): HTMLElement {
  return h(
    "div",
    { class: "nbt-tip-row", "data-color": color % 6 },
    h("span", { class: "nbt-dot" }),
    h("span", { class: "nbt-tip-name" }, name),
    h("b", {}, text),
  );
}

/** Where something of a size begins so that it ends before `high`, or at least begins there. */
function inside(at: number, size: number, low: number, high: number): number {
  return Math.max(low + 2, Math.min(at, high - size - 2));
}

/** NaN comes last. */
function rankOf(value: number): number {
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
}
