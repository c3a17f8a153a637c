/**
 * The page to look at while drawing: the panel on a made-up training run that replays
 * itself. `?theme=dark|light|hc`, `?tab=charts`, `?width=720`, `?speed=0` (finished, still),
 * `?charts=20&points=2000` (many charts).
 */
import { CompareView } from "../src/compare";
import { compareState } from "../src/compare/state";
import { type Answer, type Ask, type Handlers, RequestError, type Source } from "../src/data";
import { RunView, viewState } from "../src/panels";
import type { Append, BlockHead, Line, RunHead, SeriesHead, Snapshot } from "../src/protocol";
import { NO_BYTES } from "../src/protocol";
import { FakeComparison } from "./comparison";
import { lookUp } from "./lookups";
import { type Grown, runHead, Training } from "./training";

const query = new URLSearchParams(location.search);
const number = (name: string, usual: number) => Number(query.get(name) ?? usual);

/** Replays a training run as a kernel would send it. */
class FakeSource implements Source {
  readonly live = true;
  private handlers: Handlers | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private sequence = 0;

  constructor(private readonly training: Training) {}

  open(handlers: Handlers): () => void {
    this.handlers = handlers;
    handlers.connected();
    const speed = number("speed", 4);
    if (speed > 0) this.timer = setInterval(() => this.append(speed), 100);
    return () => clearInterval(this.timer);
  }

  async send(ask: Ask): Promise<Answer> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (ask.op === "hello") this.snapshot();
    if (ask.op === "stop") this.training.state = "killed";
    if (ask.op === "finish") this.training.state = "finished";
    if (ask.op === "window") return this.window(ask);
    if (ask.op === "edit") return this.edit(ask);
    return lookUp(ask, this.training) ?? answer();
  }

  private snapshot(): void {
    const { heads, bytes } = packed(this.training.snapshot().map(whole));
    const head: Snapshot = {
      op: "snapshot",
      version: 1,
      sequence: this.sequence,
      precision: 8,
      run: runHead(this.training),
      series: heads,
      lines: this.training.lines.slice(-1000),
      line_count: this.training.lines.length,
    };
    this.handlers?.message(head, bytes);
  }

  private append(rows: number): void {
    if (this.training.state !== "running") {
      this.push([], [], runHead(this.training), []);
      clearInterval(this.timer);
      return;
    }
    const { blocks, columns, lines } = this.training.advance(rows);
    const run: RunHead | null = this.sequence % 10 === 0 ? runHead(this.training) : null;
    this.push(blocks, columns, run, lines);
  }

  private push(
    blocks: readonly BlockHead[],
    columns: readonly number[][],
    run: RunHead | null,
    lines: readonly Line[],
  ): void {
    this.sequence++;
    const head: Append = {
      op: "append",
      uid: this.training.uid,
      sequence: this.sequence,
      run,
      blocks,
      lines,
    };
    this.handlers?.message(head, bytesOf(columns));
  }

  private edit({ name, notes, tags }: Extract<Ask, { op: "edit" }>): Answer {
    if (name === "refused") throw new RequestError("StoreError", "The folder cannot be written.");
    const { edited } = this.training;
    if (name !== undefined) edited.name = name;
    if (notes !== undefined) edited.notes = notes;
    if (tags !== undefined) edited.tags = tags;
    return { reply: { op: "reply", id: "", run: runHead(this.training) }, bytes: NO_BYTES };
  }

  private window(ask: Extract<Ask, { op: "window" }>): Answer {
    const all = this.training.snapshot();
    const below = all.find((one) => one.key === ask.metric);
    const along = (one: Grown) => {
      if (ask.axis === "time") return one.times;
      return below ? one.steps.map((step) => lastAt(below, step)) : one.steps;
    };
    const cut = all
      .filter((one) => ask.keys.includes(one.key))
      .map((one) => {
        const xs = along(one);
        const inside = xs.map((x) => x >= (ask.low ?? -Infinity) && x <= (ask.high ?? Infinity));
        const keep = (values: number[]) => values.filter((_, i) => inside[i]);
        const columns = [one.steps, one.times, one.values, ...(below ? [xs] : [])].map(keep);
        return { ...one, count: columns[0]?.length ?? 0, columns };
      });
    const { heads, bytes } = packed(cut);
    return { reply: { op: "reply", id: "", uid: ask.uid, series: heads }, bytes };
  }
}

function answer(): Answer {
  return { reply: { op: "reply", id: "" }, bytes: NO_BYTES };
}

interface Cut {
  readonly key: string;
  readonly stream: "metric" | "system";
  readonly count: number;
  readonly columns: readonly number[][];
}

/** The last value of a metric at a step; NaN before its first. */
function lastAt(one: Grown, step: number): number {
  return one.values[one.steps.findLastIndex((other) => other <= step)] ?? Number.NaN;
}

function whole(one: Grown): Cut {
  return { ...one, count: one.values.length, columns: [one.steps, one.times, one.values] };
}

function packed(all: readonly Cut[]): { heads: SeriesHead[]; bytes: DataView } {
  const heads = all.map(({ key, stream, count, columns }) => ({
    key,
    stream,
    points: columns[0]?.length ?? 0,
    count,
  }));
  return { heads, bytes: bytesOf(all.flatMap(({ columns }) => columns)) };
}

function bytesOf(columns: readonly number[][]): DataView {
  return new DataView(Float64Array.from(columns.flat()).buffer);
}

const THEMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  none: {},
  light: {
    "--jp-layout-color0": "#ffffff",
    "--jp-layout-color1": "#ffffff",
    "--jp-ui-font-color1": "rgba(0, 0, 0, 0.87)",
    "--jp-ui-font-color2": "rgba(0, 0, 0, 0.54)",
    "--jp-brand-color1": "#2196f3",
    "--jp-ui-font-family": "-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
  },
  dark: {
    "--jp-layout-color0": "#111111",
    "--jp-layout-color1": "#212121",
    "--jp-ui-font-color1": "rgba(255, 255, 255, 0.87)",
    "--jp-ui-font-color2": "rgba(255, 255, 255, 0.54)",
    "--jp-brand-color1": "#2196f3",
    "--jp-ui-font-family": "-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
  },
  hc: {
    "--jp-layout-color0": "#000000",
    "--jp-layout-color1": "#000000",
    "--jp-ui-font-color1": "#ffffff",
    "--jp-ui-font-color2": "#ffffff",
    "--jp-brand-color1": "#64b5f6",
  },
};

function theme(name: string): void {
  for (const names of Object.values(THEMES)) {
    for (const variable of Object.keys(names)) document.body.style.removeProperty(variable);
  }
  for (const [variable, value] of Object.entries(THEMES[name] ?? {})) {
    document.body.style.setProperty(variable, value);
  }
  document.body.style.background = "var(--jp-layout-color0, Canvas)";
  document.body.dataset.jpThemeName = name === "hc" ? "JupyterLab Dark High Contrast" : name;
}

/** Several runs beside each other: `?compare=12&group=config.lr&tab=parallel`. */
function startComparison(host: HTMLElement): void {
  const group = query.get("group");
  const source = new FakeComparison(number("compare", 12), group ? [group] : []);
  compareState("compare-dev").tab = query.get("tab") ?? "charts";
  const height = number("height", 560);
  new CompareView({ uid: "compare-dev", source, saved: null, height }).mount(host);
}

function start(): void {
  theme(query.get("theme") ?? "light");
  const host = document.body.appendChild(document.createElement("main"));
  host.style.cssText = `width: ${query.get("width") ?? "100%"}${query.has("width") ? "px" : ""}; max-width: 100%`;
  if (query.has("compare")) {
    startComparison(host);
    return;
  }
  const training = new Training({
    uid: "dev",
    steps: number("steps", 1200),
    charts: number("charts", 0),
    end: query.get("state") ?? "running",
    empty: query.has("empty"),
    idle: query.has("idle"),
    lines: number("lines", 0),
  });
  const state = viewState("dev");
  state.tab = query.get("tab") ?? "charts";
  state.smoothing = number("smoothing", 0);
  state.axis = (query.get("axis") ?? "auto") as typeof state.axis;
  const [onto, ...others] = (query.get("overlay") ?? "").split(",");
  if (onto && others.length > 0) {
    state.overlays.set(onto, others);
    state.pinned.add(onto);
    state.clip.add(onto);
  }
  const source = new FakeSource(training);
  const view = new RunView({ uid: "dev", source, height: number("height", 520) });
  const release = view.mount(host);
  Object.assign(globalThis, { nbt: { view, training, source, theme, release, state } });
}

start();
