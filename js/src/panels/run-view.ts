/**
 * The panel of one run. The same in a cell's output, in a tab of JupyterLab and in a
 * saved notebook: only the source differs.
 */
import { Stage } from "../chart";
import { type Change, RunFeed, type Source } from "../data";
import { ChartsTab } from "./charts-tab";
import { h, Scope, setText } from "./dom";
import { Header } from "./header";
import { LogsTab } from "./logs-tab";
import { OverviewTab } from "./overview-tab";
import { adoptStyles } from "./styles";
import { SystemTab } from "./system-tab";
import type { Tab, TabContext } from "./tab";
import { type ViewState, viewState } from "./view-state";

export interface RunViewOptions {
  readonly uid: string;
  readonly source: Source;
  /** Height in pixels; null fills the host element. */
  readonly height: number | null;
}

/** Lower than this, no chart fits below the bar. */
const LEAST_HEIGHT_PX = 220;

const TABS = [
  ["charts", "Charts"],
  ["system", "System"],
  ["logs", "Logs"],
  ["overview", "Overview"],
] as const;

interface TabPart {
  readonly id: string;
  readonly tab: Tab;
  readonly button: HTMLButtonElement;
  readonly count: HTMLElement;
  readonly panel: HTMLElement;
}

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
    root.style.height = height === null ? "100%" : `${Math.max(LEAST_HEIGHT_PX, height)}px`;
    host.append(root);
    adoptStyles(host);
    scope.add(() => root.remove());
    const stage = new Stage(root);
    scope.add(stage.open());
    const body = new Body(root, stage, scope);
    const feed = new RunFeed(uid, source, (change) => body.update(change));
    this.feed = feed;
    body.build(feed, viewState(uid));
    scope.add(feed.open());
    watchVisibility(root, scope, (visible) => {
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
  private parts: TabPart[] = [];
  private feed: RunFeed | null = null;
  private readonly spoken = h("div", { class: "nbt-spoken", "aria-live": "polite" });

  constructor(
    private readonly root: HTMLElement,
    private readonly stage: Stage,
    private readonly scope: Scope,
  ) {}

  build(feed: RunFeed, state: ViewState): void {
    this.feed = feed;
    this.header = new Header(feed);
    const context: TabContext = {
      feed,
      stage: this.stage,
      state,
      say: (text) => setText(this.spoken, text),
    };
    const tabs = [ChartsTab, SystemTab, LogsTab, OverviewTab].map((Tab) => new Tab(context));
    this.parts = tabs.map((tab, i) => partOf(tab, feed.uid, i));
    const list = h("div", { class: "nbt-tabs", role: "tablist", "aria-label": "Views of the run" });
    list.append(...this.parts.map((part) => part.button));
    const bar = h("div", { class: "nbt-bar" }, list, ...this.parts.map((part) => part.tab.tools));
    const panels = h("div", { class: "nbt-body" }, ...this.parts.map((part) => part.panel));
    this.root.append(this.header.element, bar, panels, this.spoken);
    this.scope.add(this.header.open());
    for (const part of this.parts) this.scope.add(part.tab.open());
    this.scope.listen(list, "keydown", (event) => this.keyed(event, state));
    for (const part of this.parts) {
      this.scope.listen(part.button, "click", () => this.choose(part.id, state));
    }
    this.choose(state.tab, state);
  }

  update(change: Change): void {
    const { feed, header } = this;
    if (!feed || !header) return;
    if (change.run) {
      header.update();
      this.root.setAttribute("aria-label", `Run ${feed.store.run?.name ?? ""}`);
    }
    if (change.values) header.showStep(newestStep(feed));
    for (const { tab, count } of this.parts) {
      tab.update(change);
      setText(count, tab.count());
    }
  }

  private choose(id: string, state: ViewState): void {
    const chosen = this.parts.find((part) => part.id === id) ?? this.parts[0];
    if (!chosen) return;
    state.tab = chosen.id;
    for (const part of this.parts) {
      const here = part === chosen;
      part.panel.hidden = !here;
      part.tab.tools.hidden = !here;
      part.button.setAttribute("aria-selected", String(here));
      part.button.tabIndex = here ? 0 : -1;
    }
    chosen.tab.shown();
  }

  private keyed(event: KeyboardEvent, state: ViewState): void {
    const at = this.parts.findIndex((part) => part.id === state.tab);
    const last = this.parts.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const target = this.parts[targets[event.key] ?? -1];
    if (!target) return;
    event.preventDefault();
    this.choose(target.id, state);
    target.button.focus();
  }
}

let views = 0;

function partOf(tab: Tab, uid: string, index: number): TabPart {
  const [id, word] = TABS[index] as (typeof TABS)[number];
  // Two views of one run on a page need ids of their own.
  const name = `nbt-${uid}-${views++}-${id}`;
  const count = h("span", { class: "nbt-count" });
  const button = h(
    "button",
    { type: "button", role: "tab", id: `${name}-tab`, class: "nbt-tab", "aria-controls": name },
    word,
    count,
  );
  const panel = h(
    "div",
    {
      ...{ id: name, role: "tabpanel", class: "nbt-panel", "aria-labelledby": `${name}-tab` },
      // What scrolls must be reachable by keyboard; the other tabs hold controls.
      tabindex: id === "overview" ? 0 : undefined,
    },
    tab.element,
  );
  return { id, tab, button, count, panel };
}

function newestStep(feed: RunFeed): number | null {
  let newest = feed.store.run?.step ?? null;
  for (const series of feed.store.metrics.values()) {
    const step = series.steps[series.length - 1];
    if (step !== undefined && (newest === null || step > newest)) newest = step;
  }
  return newest;
}

/** Tells when the view comes into sight and leaves it: the element's place and the page's. */
function watchVisibility(
  root: HTMLElement,
  scope: Scope,
  changed: (visible: boolean) => void,
): void {
  let inSight = false;
  const tell = () => changed(inSight && !document.hidden);
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1)?.isIntersecting ?? false;
    tell();
  });
  observer.observe(root);
  document.addEventListener("visibilitychange", tell);
  scope.add(() => {
    observer.disconnect();
    document.removeEventListener("visibilitychange", tell);
  });
}
