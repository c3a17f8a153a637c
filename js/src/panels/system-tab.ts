/** The machine while the run ran. */
import { formatCount, formatDuration, formatMebibytes, formatValue, type Range } from "../chart";
import type { Change } from "../data";
import { ChartGrid, type KeyPlace } from "./chart-grid";
import { h, Scope, setText } from "./dom";
import { icon } from "./icons";
import type { Tab, TabContext } from "./tab";

const PERCENT: readonly [number, number] = [0, 100];

type Known = readonly [section: string, title: string, quantity: Quantity];
type Quantity = "percent" | "mebibytes" | "count" | "celsius" | "watt" | "plain";

const KNOWN: Readonly<Record<string, Known>> = {
  cpu: ["Machine", "CPU", "percent"],
  memory_percent: ["Machine", "Memory in use", "percent"],
  "proc.memory.availableMB": ["Machine", "Memory available", "mebibytes"],
  "proc.cpu.percent": ["This process", "CPU", "percent"],
  "proc.memory.rssMB": ["This process", "Memory", "mebibytes"],
  "proc.memory.percent": ["This process", "Share of memory", "percent"],
  "proc.cpu.threads": ["This process", "Threads", "count"],
};

/** Devices come in any number: `gpu.0.gpu`, `gpu.0.memoryAllocated`, `gpu.0.powerWatts`. */
const GPU: Readonly<Record<string, readonly [string, Quantity]>> = {
  gpu: ["Utilization", "percent"],
  memory: ["Memory access", "percent"],
  memoryAllocated: ["Memory in use", "percent"],
  temp: ["Temperature", "celsius"],
  powerWatts: ["Power", "watt"],
  powerPercent: ["Power", "percent"],
};

const FORMATS: Readonly<Record<Quantity, (value: number) => string>> = {
  percent: (value) => (Number.isFinite(value) ? `${value.toFixed(1)} %` : formatValue(value)),
  mebibytes: formatMebibytes,
  count: formatCount,
  celsius: (value) => `${formatValue(value)} °C`,
  watt: (value) => `${formatValue(value)} W`,
  plain: formatValue,
};

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

/** Exported for tests. */
export function placeOf(key: string): KeyPlace {
  const [section, title, quantity] = known(key);
  return {
    section,
    title,
    format: FORMATS[quantity],
    unit: quantity === "percent" || quantity === "mebibytes" ? quantity : "plain",
    bounds: quantity === "percent" ? PERCENT : undefined,
  };
}

function known(key: string): Known {
  if (Object.hasOwn(KNOWN, key)) return KNOWN[key] as Known;
  const [, device, quantity] = /^gpu\.(\d+)\.(\w+)$/.exec(key) ?? [];
  if (device !== undefined && quantity !== undefined && Object.hasOwn(GPU, quantity)) {
    const [title, unit] = GPU[quantity] as readonly [string, Quantity];
    return [`GPU ${device}`, title, unit];
  }
  return ["Other readings", key, "plain"];
}
