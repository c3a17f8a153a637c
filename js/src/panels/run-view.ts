/**
 * The panel of one run. The same in a cell's output, in a tab of JupyterLab and in a
 * saved notebook: only the source differs.
 */
import { Stage } from "../chart";
import { type Change, RunFeed, type Source } from "../data";
import type { RunHead } from "../protocol";
import { AlertsTab } from "./alerts-tab";
import { ChartsTab } from "./charts-tab";
import { CodeTab } from "./code-tab";
import { h, Scope, setText } from "./dom";
import { FilesTab } from "./files-tab";
import { Header } from "./header";
import { keepAfterUse } from "./keeping";
import { LogsTab } from "./logs-tab";
import { OverviewTab } from "./overview-tab";
import { adoptStyles } from "./styles";
import { SystemTab } from "./system-tab";
import { TabBox, type TabKind } from "./tab-box";
import { TabStrip } from "./tab-strip";
import { keepViewState, type ViewState, viewState } from "./view-state";
import { watchVisibility } from "./visibility";

export interface RunViewOptions {
  readonly uid: string;
  readonly source: Source;
  /** Height in pixels; null fills the host element, and `flow` takes what it needs. */
  readonly height: number | null | "flow";
  /** Ids of the tabs to show, without the run's header; all of them, with it, where null. */
  readonly tabs?: readonly string[] | null;
  /** Takes what is known of the run, whenever that is something else. */
  readonly told?: (run: RunHead) => void;
}

/** Lower than this, no chart fits below the bar. */
const LEAST_HEIGHT_PX = 220;

const TABS: readonly TabKind[] = [
  { id: "charts", word: "Charts", make: ChartsTab },
  { id: "system", word: "System", make: SystemTab },
  { id: "logs", word: "Logs", make: LogsTab },
  { id: "overview", word: "Overview", make: OverviewTab, scrolls: true },
  { id: "files", word: "Files", make: FilesTab },
  { id: "code", word: "Code", make: CodeTab, scrolls: true },
  { id: "alerts", word: "Alerts", make: AlertsTab, scrolls: true },
];

export class RunView {
  private feed: RunFeed | null = null;

  constructor(private readonly options: RunViewOptions) {}

  /** Goes on with another source, say a live one after a saved one; nothing flickers. */
  use(source: Source): void {
    this.feed?.use(source);
  }

  /** Shows the run inside `host`. Returns the function that ends it and frees everything. */
  mount(host: HTMLElement): () => void {
    const { uid, source, height } = this.options;
    const scope = new Scope();
    // Suppressing the host's shortcuts keeps Enter and arrow keys for what has the focus here.
    const root = h("div", { class: "nbt", "data-lm-suppress-shortcuts": "true", role: "region" });
    root.setAttribute("aria-label", "Run");
    root.dataset.uid = uid;
    if (height === "flow") root.classList.add("nbt-flow");
    else root.style.height = height === null ? "100%" : `${Math.max(LEAST_HEIGHT_PX, height)}px`;
    host.append(root);
    adoptStyles(host);
    scope.add(() => root.remove());
    const stage = new Stage(root);
    scope.add(stage.open());
    const body = new Body(root, stage, scope);
    const feed = new RunFeed(uid, source, (change) => {
      body.update(change);
      if (change.run && feed.store.run) this.options.told?.(feed.store.run);
    });
    this.feed = feed;
    body.build(feed, viewState(uid), this.options.tabs ?? null);
    scope.add(feed.open());
    keepAfterUse(root, scope, () => keepViewState(uid));
    watchVisibility(root, scope, (visible) => {
      root.toggleAttribute("data-seen", visible);
      if (visible) adoptStyles(root);
      feed.watch(visible);
    });
    return () => {
      this.feed = null;
      scope.release();
    };
  }
}

/** Header, bar and tabs of a view, built once and then kept up to date. */
class Body {
  private header: Header | null = null;
  private boxes: readonly TabBox[] = [];
  private strip: TabStrip | null = null;
  private feed: RunFeed | null = null;
  private readonly spoken = h("div", { class: "nbt-spoken", "aria-live": "polite" });
  /** What stands here of the run. */
  private what = "Run";

  constructor(
    private readonly root: HTMLElement,
    private readonly stage: Stage,
    private readonly scope: Scope,
  ) {}

  build(feed: RunFeed, state: ViewState, tabs: readonly string[] | null): void {
    this.feed = feed;
    this.header = tabs ? null : new Header(feed);
    const kinds = TABS.filter(({ id }) => tabs?.includes(id) ?? true);
    const say = (text: string) => setText(this.spoken, text);
    // Two views of one run on a page need ids of their own.
    const name = `nbt-${feed.uid}-${views++}`;
    const context = { feed, stage: this.stage, state, say };
    if (tabs) this.what = `${kinds.map(({ word }) => word).join(", ")} of run`;
    this.boxes = kinds.map((kind) => new TabBox(kind, `${name}-${kind.id}`, context));
    this.strip = new TabStrip(this.boxes, (id) => this.choose(id, state));
    const tools = this.boxes.map((box) => box.tools);
    const bar = h("div", { class: "nbt-bar" }, this.strip.element, ...tools);
    const panels = h("div", { class: "nbt-body" }, ...this.boxes.map((box) => box.panel));
    this.strip.element.hidden = kinds.length === 1;
    this.root.append(...(this.header ? [this.header.element] : []), bar, panels, this.spoken);
    if (this.header) this.scope.add(this.header.open());
    this.scope.add(this.strip.open());
    for (const box of this.boxes) this.scope.add(box.open());
    this.choose(state.tab, state);
  }

  update(change: Change): void {
    const { feed, header } = this;
    if (!feed) return;
    if (change.run) {
      header?.update();
      this.root.setAttribute("aria-label", `${this.what} ${feed.store.run?.name ?? ""}`);
    }
    if (change.values) header?.showStep(newestStep(feed));
    for (const box of this.boxes) box.update(change);
  }

  private choose(id: string, state: ViewState): void {
    const chosen = this.boxes.find((box) => box.id === id) ?? this.boxes[0];
    if (!chosen) return;
    state.tab = chosen.id;
    this.strip?.mark(chosen.id);
    for (const box of this.boxes) if (box !== chosen) box.choose(false);
    chosen.choose(true);
  }
}

let views = 0;

function newestStep(feed: RunFeed): number | null {
  let newest = feed.store.run?.step ?? null;
  for (const series of feed.store.metrics.values()) {
    const step = series.steps[series.length - 1];
    if (step !== undefined && (newest === null || step > newest)) newest = step;
  }
  return newest;
}
