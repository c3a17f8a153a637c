/** The metrics of a run. */
import {
  type Axis,
  alongMetric,
  formatClockTick,
  formatDuration,
  formatTicks,
  formatValue,
  metricOf,
  type Range,
  wallClock,
} from "../chart";
import type { Change } from "../data";
import type { MetricHead } from "../protocol";
import { ChartGrid, type KeyPlace } from "./chart-grid";
import { h, Scope, setText } from "./dom";
import { icon } from "./icons";
import { Lens } from "./lens";
import { sectionOf } from "./sections";
import type { Tab, TabContext } from "./tab";
import { Chooser, pressed, searchField, slider } from "./tools";
import type { AxisChoice } from "./view-state";

const AXES: readonly (readonly [AxisChoice, string])[] = [
  ["auto", "Step (auto)"],
  ["step", "Step"],
  ["time", "Relative time"],
  ["wall", "Wall time"],
];

export class ChartsTab implements Tab {
  readonly element = h("div", { class: "nbt-charts" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly empty = emptyNote();
  private readonly trouble = h("div", { class: "nbt-fetch-trouble", role: "alert", hidden: true });
  private readonly troubleText = h("span");
  private readonly zoomChip: HTMLButtonElement;
  private readonly zoomText = h("span");
  private readonly hidden: HTMLButtonElement;
  private readonly axes: Chooser<AxisChoice>;
  private readonly grid: ChartGrid;
  private readonly lens: Lens;
  private readonly scope = new Scope();
  private defined = new Map<string, MetricHead>();
  private definedFrom: unknown = null;

  constructor(private readonly context: TabContext) {
    const { state, stage, feed, say } = context;
    this.lens = new Lens(
      feed,
      () => this.fetched(),
      () => this.origin(),
    );
    this.grid = new ChartGrid({
      stage,
      keys: () => this.keys(),
      place: placeOf,
      series: (key, axis) => this.lens.series(key, axis, this.zoomOf(axis)),
      whole: (key) => feed.store.metrics.get(key),
      axis: (key) => this.axisOf(key),
      origin_s: () => this.origin(),
      smoothing: () => state.smoothing,
      zoom: (axis) => this.zoomOf(axis),
      zoomed: (axis, range) => this.zoom(range && { axis, ...range }),
      collapsed: state.collapsed,
      choices: state,
      say,
    });
    this.zoomChip = h(
      "button",
      { type: "button", class: "nbt-chip", hidden: true, title: "Show everything again" },
      this.zoomText,
      icon("close"),
    );
    this.hidden = pressed(this.scope, "Hidden", state.showHidden, (on) => this.showHidden(on));
    this.axes = new Chooser(this.scope, "Horizontal axis", (axis) => this.chooseAxis(axis));
    const retry = h("button", { type: "button", class: "nbt-button" }, "Try again");
    this.scope.listen(retry, "click", () => this.fetchAgain());
    this.trouble.append(icon("warning"), this.troubleText, retry);
    this.element.append(this.empty, this.trouble, this.grid.element);
    this.buildTools();
  }

  open(): () => void {
    this.scope.add(this.grid.open());
    this.scope.add(() => this.lens.close());
    this.scope.listen(this.zoomChip, "click", () => this.zoom(null));
    this.zoom(this.context.state.zoom);
    this.grid.searchFor(this.context.state.search);
    this.showChoices();
    return () => this.scope.release();
  }

  update(change: Change): void {
    const redefined = change.run && this.define();
    if (change.keys) this.lens.reset();
    if (change.keys || redefined) {
      this.grid.reconcile();
      this.showChoices();
    }
    if (change.values || change.keys || redefined) this.grid.invalidate();
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
    const smoothing = slider(this.scope, "Smoothing", state.smoothing, (value) => {
      state.smoothing = value;
      this.grid.invalidate();
    });
    this.tools.append(this.zoomChip, this.hidden, search, this.axes.element, smoothing);
  }

  /** Takes what was defined of metrics; false when it is what it was. */
  private define(): boolean {
    const heads = this.context.feed.store.run?.metrics ?? [];
    const text = JSON.stringify(heads);
    if (text === this.definedFrom) return false;
    this.definedFrom = text;
    this.defined = new Map(heads.map((head) => [head.key, head]));
    return true;
  }

  private keys(): string[] {
    const keys = [...this.context.feed.store.metrics.keys()];
    if (this.context.state.showHidden) return keys;
    return keys.filter((key) => !this.defined.get(key)?.hidden);
  }

  /** What lies below a key's chart: what was chosen, else what was defined, else the step. */
  private axisOf(key: string): Axis {
    const { axis } = this.context.state;
    const { metrics } = this.context.feed.store;
    const metric = axis === "auto" ? this.defined.get(key)?.step_metric : metricOf(axis);
    // A metric that is not there would leave the chart empty.
    if (metric && metric !== key && metrics.has(metric)) return alongMetric(metric);
    return axis === "auto" || metric ? "step" : axis;
  }

  private origin(): number {
    return wallClock(this.context.feed.store.run?.started ?? 0);
  }

  private chooseAxis(axis: AxisChoice): void {
    this.context.state.axis = axis;
    this.zoom(null);
  }

  private showHidden(on: boolean): void {
    this.context.state.showHidden = on;
    this.grid.reconcile();
  }

  private zoomOf(axis: Axis): Range | null {
    const { zoom } = this.context.state;
    return zoom?.axis === axis ? zoom : null;
  }

  private zoom(zoom: TabContext["state"]["zoom"]): void {
    this.context.state.zoom = zoom;
    this.lens.reset();
    this.showTrouble();
    this.showZoom();
    this.grid.invalidate();
  }

  private showZoom(): void {
    const { zoom } = this.context.state;
    this.zoomChip.hidden = zoom === null;
    if (zoom) setText(this.zoomText, zoomText(zoom.axis, zoom));
  }

  private fetched(): void {
    this.showTrouble();
    this.grid.invalidate();
  }

  private fetchAgain(): void {
    this.lens.reset();
    this.fetched();
  }

  private showTrouble(): void {
    const { problem } = this.lens;
    this.trouble.hidden = problem === "";
    setText(this.troubleText, `Exact points could not be fetched: ${problem}`);
  }

  private showChoices(): void {
    const { metrics } = this.context.feed.store;
    this.empty.hidden = metrics.size > 0;
    const hidden = [...this.defined.values()].filter((one) => one.hidden && metrics.has(one.key));
    this.hidden.hidden = hidden.length === 0;
    this.hidden.title = `Show charts of hidden metrics (${hidden.length})`;
    const along = [...metrics.keys()].map((key) => [alongMetric(key), key] as const);
    this.axes.show(AXES, along, this.context.state.axis);
  }
}

function zoomText(axis: Axis, { low, high }: Range): string {
  const ends = [low, high];
  if (axis === "time") return ends.map(formatDuration).join(" – ");
  if (axis === "wall") return ends.map((end) => formatClockTick(Math.floor(end), 1)).join(" – ");
  const name = metricOf(axis) ?? "step";
  return `${name} ${formatTicks(ends, (high - low) / 50).join(" – ")}`;
}

export function placeOf(key: string): KeyPlace {
  return { ...sectionOf(key), format: formatValue, unit: "plain" };
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
