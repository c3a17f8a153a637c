/** The metrics of a run. */
import { type Axis, formatDuration, formatTicks, formatValue, type Range } from "../chart";
import type { Change } from "../data";
import { ChartGrid, type KeyPlace } from "./chart-grid";
import { h, Scope, setText } from "./dom";
import { icon } from "./icons";
import type { Tab, TabContext } from "./tab";
import { searchField, segmented, slider } from "./tools";

/** Keys without a `/` stand here. */
const NO_PREFIX = "Charts";
/** Points of a window: two per pixel of a wide chart. */
const WINDOW_POINTS = 2000;
/** Charts that come into view together ask for their windows together. */
const GATHER_MS = 40;

export class ChartsTab implements Tab {
  readonly element = h("div", { class: "nbt-charts" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly empty = emptyNote();
  private readonly zoomChip: HTMLButtonElement;
  private readonly zoomText = h("span");
  private readonly grid: ChartGrid;
  private readonly scope = new Scope();
  private readonly wanted = new Set<string>();
  private readonly asked = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The zoom in steps, whatever the axis is. */
  private window: Range | null = null;

  constructor(private readonly context: TabContext) {
    const { state, stage, feed, say } = context;
    this.grid = new ChartGrid({
      stage,
      keys: () => feed.store.metrics.keys(),
      place: placeOf,
      series: (key) => this.series(key),
      whole: (key) => feed.store.metrics.get(key),
      axis: () => state.axis,
      smoothing: () => state.smoothing,
      zoom: () => state.zoom,
      zoomed: (range) => this.zoom(range),
      collapsed: state.collapsed,
      log: state.log,
      say,
    });
    this.zoomChip = h(
      "button",
      { type: "button", class: "nbt-chip", hidden: true, title: "Show everything again" },
      this.zoomText,
      icon("close"),
    );
    this.element.append(this.empty, this.grid.element);
    this.buildTools();
  }

  open(): () => void {
    this.scope.add(this.grid.open());
    this.scope.listen(this.zoomChip, "click", () => this.zoom(null));
    this.zoom(this.context.state.zoom);
    this.grid.searchFor(this.context.state.search);
    this.showEmpty();
    return () => {
      clearTimeout(this.timer);
      this.scope.release();
    };
  }

  update(change: Change): void {
    if (change.keys) {
      this.asked.clear();
      this.window = this.zoomedSteps();
      this.grid.reconcile();
      this.showEmpty();
    }
    if (change.values || change.keys) this.grid.invalidate();
  }

  shown(): void {
    this.grid.invalidate();
  }

  count(): string {
    const { size } = this.context.feed.store.metrics;
    return size > 0 ? String(size) : "";
  }

  private buildTools(): void {
    const { state } = this.context;
    const search = searchField(this.scope, "Search charts", state.search, (text) => {
      state.search = text;
      this.grid.searchFor(text);
    });
    const choices: readonly (readonly [Axis, string])[] = [
      ["step", "Step"],
      ["time", "Time"],
    ];
    const axis = segmented(this.scope, "Horizontal axis", choices, state.axis, (chosen) => {
      state.axis = chosen;
      this.zoom(null);
    });
    const smoothing = slider(this.scope, "Smoothing", state.smoothing, (value) => {
      state.smoothing = value;
      this.grid.invalidate();
    });
    this.tools.append(this.zoomChip, search, axis, smoothing);
  }

  private zoom(range: Range | null): void {
    this.context.state.zoom = range;
    this.window = this.zoomedSteps();
    this.asked.clear();
    this.context.feed.store.closeWindows();
    this.showZoom();
    this.grid.invalidate();
  }

  private showZoom(): void {
    const { zoom, axis } = this.context.state;
    this.zoomChip.hidden = zoom === null;
    if (!zoom) return;
    const ends = [zoom.low, zoom.high];
    const texts =
      axis === "time" ? ends.map(formatDuration) : formatTicks(ends, (zoom.high - zoom.low) / 50);
    setText(this.zoomText, `${axis === "time" ? "" : "step "}${texts.join(" – ")}`);
  }

  /** The points that a chart draws: while zoomed the exact ones, as soon as they are there. */
  private series(key: string) {
    const { store } = this.context.feed;
    const whole = store.metrics.get(key);
    if (!whole?.reduced || !this.window) return whole;
    if (!this.asked.has(key)) this.want(key);
    return store.within(key, this.window.low, this.window.high);
  }

  private want(key: string): void {
    this.asked.add(key);
    this.wanted.add(key);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.fetch(), GATHER_MS);
  }

  private async fetch(): Promise<void> {
    const keys = [...this.wanted];
    this.wanted.clear();
    if (!this.window) return;
    const { low, high } = this.window;
    if (await this.context.feed.window(keys, low, high, WINDOW_POINTS)) this.grid.invalidate();
  }

  private zoomedSteps(): Range | null {
    const { zoom, axis } = this.context.state;
    if (!zoom || axis === "step")
      return zoom && { low: Math.floor(zoom.low), high: Math.ceil(zoom.high) };
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const series of this.context.feed.store.metrics.values()) {
      for (let i = 0; i < series.length; i++) {
        const time = series.times[i] as number;
        if (time <= zoom.low || low === Infinity) low = Math.min(low, series.steps[i] as number);
        if (time <= zoom.high) high = Math.max(high, series.steps[i] as number);
      }
    }
    return low <= high ? { low, high } : null;
  }

  private showEmpty(): void {
    this.empty.hidden = this.context.feed.store.metrics.size > 0;
  }
}

/** A key's section is what stands before its first `/`. */
export function placeOf(key: string): KeyPlace {
  const slash = key.indexOf("/");
  const prefixed = slash > 0 && slash < key.length - 1;
  return {
    section: prefixed ? key.slice(0, slash) : NO_PREFIX,
    title: (prefixed ? key.slice(slash + 1) : key) || "(no name)",
    format: formatValue,
    unit: "plain",
  };
}

function emptyNote(): HTMLElement {
  return h(
    "div",
    { class: "nbt-empty" },
    icon("chart"),
    h("p", {}, "No metrics yet"),
    h(
      "p",
      { class: "nbt-quiet" },
      "The first ",
      h("code", {}, 'run.log({"loss": …})'),
      " draws a chart here.",
    ),
  );
}
