/** The machine while the run ran. */
import { formatDuration, type Range } from "../chart";
import type { Change } from "../data";
import { ChartGrid } from "./chart-grid";
import { h, Scope, setText } from "./dom";
import { icon } from "./icons";
import { placeOf } from "./readings";
import type { Tab, TabContext } from "./tab";

export class SystemTab implements Tab {
  readonly element = h("div", { class: "nbt-charts" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly empty = h(
    "div",
    { class: "nbt-empty" },
    icon("chart"),
    h("p", {}, "No readings yet"),
    h("p", { class: "nbt-quiet" }, "Processor and memory are read a moment after the run starts."),
  );
  private readonly grid: ChartGrid;
  private readonly zoomText = h("span");
  private readonly zoomChip: HTMLButtonElement;
  private readonly scope = new Scope();

  constructor(private readonly context: TabContext) {
    const { state, stage, feed, say } = context;
    this.grid = new ChartGrid({
      stage,
      keys: () => feed.store.system.keys(),
      place: placeOf,
      series: (key) => feed.store.system.get(key),
      whole: (key) => feed.store.system.get(key),
      axis: () => "time",
      origin_s: () => 0,
      smoothing: () => 0,
      zoom: () => state.systemZoom,
      zoomed: (_, range) => this.zoom(range),
      collapsed: state.systemCollapsed,
      choices: null,
      say,
    });
    this.zoomChip = h(
      "button",
      { type: "button", class: "nbt-chip", title: "Show everything again" },
      this.zoomText,
      icon("close"),
    );
    this.tools.append(this.zoomChip);
    this.element.append(this.empty, this.grid.element);
  }

  open(): () => void {
    this.scope.add(this.grid.open());
    this.scope.listen(this.zoomChip, "click", () => this.zoom(null));
    this.zoom(this.context.state.systemZoom);
    this.showEmpty();
    return () => this.scope.release();
  }

  update(change: Change): void {
    if (change.keys) {
      this.grid.reconcile();
      this.showEmpty();
    }
    if (change.values || change.keys) this.grid.invalidate();
  }

  shown(): void {
    this.grid.invalidate();
  }

  count(): string {
    return "";
  }

  private zoom(range: Range | null): void {
    this.context.state.systemZoom = range;
    this.zoomChip.hidden = range === null;
    if (range) setText(this.zoomText, [range.low, range.high].map(formatDuration).join(" – "));
    this.grid.invalidate();
  }

  private showEmpty(): void {
    this.empty.hidden = this.context.feed.store.system.size > 0;
  }
}
