/** One metric of several runs: a line per run, or a band per group with its runs behind it. */
import {
  type Area,
  type Axis,
  alongMetric,
  Chart,
  type Clipped,
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
import { CardMenu, type Switch } from "../panels/card-menu";
import type { Table } from "../panels/csv";
import { h, Scope, setText } from "../panels/dom";
import { Tip, type TipRow } from "../panels/tip";
import { noteText } from "../panels/words";
import type { ComparedRun, DecodedBand } from "../protocol";
import { HUES } from "./colours";
import { type CompareContext, MOST_LINES } from "./context";
import type { Drawn } from "./drawings";
import { tableOfBands, tableOfRuns } from "./tables";
import { drawnWords } from "./words";

/** What was drawn of a line, and what to say of it. */
interface Told {
  readonly name: string;
  readonly color: number;
  readonly content: Content;
  /** Null where it is a run's line. */
  readonly band: DecodedBand | null;
  readonly run: ComparedRun | null;
  readonly series: Series;
}

/** A value at a place. */
interface Reading {
  readonly told: Told;
  readonly value: number;
  readonly text: string;
  /** The edges of a band there. */
  readonly more: string;
}

const DESCRIBE_MS = 1000;

export class OverlayCard {
  readonly element: HTMLElement;
  private readonly note = h("span", { class: "nbt-note" });
  private readonly where = h("span", { class: "nbt-where" });
  private readonly plot: HTMLElement;
  private readonly tip: Tip;
  private readonly menu: CardMenu;
  private readonly scope: Scope;
  private readonly chart: Chart;
  private drawn: Drawn | null = null;
  /** In the order in which they are drawn. */
  private told: readonly Told[] = [];
  private clipped: Clipped | null = null;
  private describing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly key: string,
    title: string,
    private readonly context: CompareContext,
    private readonly zoomed: (range: Picture["zoom"]) => void,
    pin: Switch,
  ) {
    this.scope = new Scope(context.failed);
    this.plot = h("div", {
      ...{ class: "nbt-plot", role: "img", tabindex: 0, "aria-label": key },
      "aria-keyshortcuts": "ArrowLeft ArrowRight Home End + - 0 PageUp PageDown F",
    });
    this.tip = new Tip(this.plot);
    this.element = h("article", { class: "nbt-card", "aria-label": key });
    this.chart = new Chart(this.plot, {
      stage: context.stage,
      read: () => this.read(),
      zoomed: (range) => this.zoomed(range),
      pointed: (x, here, y) => this.point(x, here, y),
      clipped: (clipped) => this.clip(clipped),
      key: (event) => this.menu.keyed(event),
    });
    this.menu = this.menuOf(pin);
    const name = h("h4", { class: "nbt-card-title", title: key }, title);
    this.element.append(
      h("header", {}, name, this.where, this.menu.element),
      h("div", { class: "nbt-plot-box" }, this.plot, this.tip.element),
      h("footer", {}, this.note),
    );
  }

  open(): () => void {
    this.scope.add(this.menu.open());
    this.scope.add(this.chart.open());
    this.scope.add(() => clearTimeout(this.describing));
    return () => this.scope.release();
  }

  invalidate(): void {
    this.context.stage.invalidate(this.chart);
  }

  private menuOf(pin: Switch): CardMenu {
    const { key, context } = this;
    const { state, stage, say } = context;
    return new CardMenu(this.chart, this.element, {
      ...{ key, stage, say, pin, overlay: null, format: formatValue },
      axis: () => axisOf(this.x),
      log: switchOf(state.log, key),
      clip: switchOf(state.clip, key),
      names: () => this.told.map(({ name, band }) => (this.isGrouped && !band ? "" : name)),
      table: () => this.table(),
    });
  }

  private read(): Picture | null {
    const { state, drawings } = this.context;
    const drawn = drawings.of(this.key);
    this.element.toggleAttribute("data-waiting", drawings.isWaiting(this.key));
    if (!drawn) {
      setText(this.note, drawings.problem || "…");
      return null;
    }
    // What is there stays over its own axis until what is wanted comes.
    const axis = axisOf(drawn.x);
    const bands = axis === "step" ? [...drawn.bands.values()] : [];
    this.drawn = drawn;
    // The means of groups stand before the lines of their runs: they are drawn last.
    this.told = [...this.lines(drawn, axis), ...this.means(bands)];
    this.showNote();
    this.describe();
    const grouped = bands.length > 0;
    const lines = this.told.map(({ content, color, band }): Line => {
      const dash = dashOf(color);
      return { content, color, ...(dash ? { dash } : {}), faint: grouped && band === null };
    });
    return {
      lines,
      areas: bands.map((band): Area => areaOf(band)),
      ...{ axis, log: this.isLog, unit: "plain", zoom: drawn.x === state.x ? state.zoom : null },
      clip: state.clip.has(this.key),
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
      told.push({ name: run.name || run.id, color, content, band: null, run, series });
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
      const name = drawings.groups[band.group] ?? "";
      return { name, color: band.group, content, band, run: null, series };
    });
  }

  private get isLog(): boolean {
    return this.context.state.log.has(this.key);
  }

  /** What lies below the chart that is drawn: `step`, `time`, or a metric. */
  private get x(): string {
    return this.drawn?.x ?? this.context.state.x;
  }

  /** Whether means of groups are drawn. */
  private get isGrouped(): boolean {
    return this.told.some(({ band }) => band !== null);
  }

  /** What is told of: the means of groups, or else all runs. */
  private get named(): readonly Told[] {
    return this.isGrouped ? this.told.filter(({ band }) => band !== null) : this.told;
  }

  private clip(clipped: Clipped | null): void {
    this.clipped = clipped;
    this.showNote();
  }

  private showNote(): void {
    const { drawn, context } = this;
    if (!drawn) return;
    const { drawings, feed, state } = context;
    const lines = this.told.filter(({ band }) => band === null);
    const isAll = feed.canAsk && (drawings.isWhole(this.key) || lines.length === MOST_LINES);
    const words = drawnWords({
      runs: drawn.runs,
      kept: drawn.lines.size,
      lines: lines.length,
      ...{ isAll, isFresh: drawings.isFresh(this.key), isGrouped: this.isGrouped },
    });
    if (state.groupBy.length > 0 && state.x !== "step") words.push("bands stand over steps only");
    const { text, trouble } = noteText({
      series: lines.map(({ series }) => series),
      below: this.told.reduce((sum, { content }) => sum + content.belowLog, 0),
      ...{ clipped: this.clipped, format: formatValue },
    });
    const problem = drawn.trouble || drawings.problem;
    setText(this.note, problem || [...words, text].filter(Boolean).join(" · "));
    this.note.toggleAttribute("data-trouble", trouble || problem !== "");
    this.note.title = this.note.textContent ?? "";
  }

  private point(x: number | null, here: boolean, y: number | null): void {
    setText(this.where, x === null ? "" : `at ${this.place(x)}`);
    if (!here || x === null) {
      this.tip.hide();
      return;
    }
    const readings = this.readingsAt(x);
    const near = nearestTo(readings, y, this.isLog);
    this.tip.show(
      this.place(x),
      readings.map((one): TipRow => {
        const { name, color } = one.told;
        const dash = Math.floor(color / HUES);
        return { name, color, dash, text: one.text, more: one.more, near: one === near };
      }),
    );
    if (this.plot.matches(":focus-visible")) {
      const words = readings.slice(0, 5).map((one) => `${one.told.name} ${one.text} ${one.more}`);
      this.context.say(`${this.place(x)}: ${words.join(", ")}`);
    }
  }

  /** The values of all runs at a place, the greatest first; of groups, when there are some. */
  private readingsAt(x: number): Reading[] {
    const readings = this.named.flatMap((told): Reading[] => {
      const { content, band } = told;
      const [first, last] = [content.x[0], content.x.at(-1)];
      if (first === undefined || last === undefined || x < first || x > last) return [];
      const index = nearest(content.x, x);
      const value = content.values[index] as number;
      return [{ told, value, text: formatValue(value), more: band ? edgesOf(band, index) : "" }];
    });
    return readings.sort((a, b) => rankOf(b.value) - rankOf(a.value));
  }

  private table(): Table {
    const { groups } = this.context.drawings;
    const bands = this.told.flatMap(({ band }) => band ?? []);
    if (bands.length > 0) return tableOfBands(this.key, bands, groups);
    const lines = this.told.flatMap(({ run, series }) => (run ? [{ run, series }] : []));
    return tableOfRuns(this.key, this.x, lines);
  }

  private place(at: number): string {
    const { x } = this;
    if (x === "step") return `step ${formatCount(at)}`;
    return x === "time" ? formatDuration(at) : `${x} ${formatValue(at)}`;
  }

  /** The chart in words, for those who cannot see it. */
  private describe(): void {
    this.describing ??= setTimeout(() => {
      this.describing = undefined;
      const { named } = this;
      const newest = named.slice(0, 8).map(({ name, content }) => {
        const value = content.values.at(-1);
        return `${name} ${value === undefined ? "no values" : formatValue(value)}`;
      });
      const more = named.length > 8 ? `, and ${named.length - 8} more` : "";
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

function edgesOf({ lows, highs, counts }: DecodedBand, index: number): string {
  const [low, high] = [lows[index] as number, highs[index] as number];
  const edges = Number.isNaN(low) ? "" : `${formatValue(low)} to ${formatValue(high)}, `;
  return `${edges}n=${counts[index]}`;
}

/** The reading that is nearest to a height of the chart. */
function nearestTo(
  readings: readonly Reading[],
  y: number | null,
  isLog: boolean,
): Reading | undefined {
  const tall = (value: number) => (isLog ? Math.log(value) : value);
  let [found, best]: [Reading | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
  for (const reading of y === null ? [] : readings) {
    const distance = Math.abs(tall(reading.value) - tall(y as number));
    if (distance < best) [best, found] = [distance, reading];
  }
  return found;
}

/** A switch that is on for the keys of a set. */
function switchOf(keys: Set<string>, key: string): Switch {
  return {
    has: () => keys.has(key),
    set: (on) => void (on ? keys.add(key) : keys.delete(key)),
  };
}

/** NaN comes last. */
function rankOf(value: number): number {
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
}
