/**
 * The panel of several runs. The same in a cell's output and in a saved notebook: only the
 * source differs.
 */

import { formatCount, Stage } from "../chart";
import type { ServerDoor, Source } from "../data";
import { goesOn } from "../data/states";
import { h, Scope, setText } from "../panels/dom";
import { icon } from "../panels/icons";
import { keepAfterUse } from "../panels/keeping";
import { adoptStyles } from "../panels/styles";
import { TabBox, type TabKind } from "../panels/tab-box";
import { TabStrip } from "../panels/tab-strip";
import { watchVisibility } from "../panels/visibility";
import type { ComparedRun, Comparison } from "../protocol";
import { CompareCharts } from "./charts-tab";
import STYLES from "./compare.css";
import type { CompareChange, CompareContext } from "./context";
import { Drawings, type Wish } from "./drawings";
import type { SavedComparison } from "./embedded";
import { CompareFeed } from "./feed";
import { CompareParallel } from "./parallel-tab";
import { RunsList } from "./runs-list";
import { CompareScatter } from "./scatter-tab";
import {
  begin,
  bestOf,
  type CompareState,
  compareState,
  drawChosen,
  drawSaved,
  keepCompareState,
  type Look,
  lookName,
  plotted,
  windowOf,
} from "./state";
import { CompareTable } from "./table-tab";

export interface CompareViewOptions {
  readonly uid: string;
  readonly source: Source;
  /** What a notebook keeps; null where the source is live. */
  readonly saved: SavedComparison | null;
  /** Height in pixels; null fills the host element. */
  readonly height: number | null;
  /** What to say of where it comes from; "" or nothing for what goes without saying. */
  readonly origin?: string;
  /** Is told which run has which number of colour, whenever that may have changed. */
  readonly coloured?: (colorOf: (uid: string) => number | undefined) => void;
}

type Kind = TabKind<CompareContext, CompareChange>;
type Box = TabBox<CompareContext, CompareChange>;

const LEAST_HEIGHT_PX = 280;
const TABS: readonly Kind[] = [
  { id: "charts", word: "Charts", make: CompareCharts },
  { id: "table", word: "Differences", make: CompareTable },
  { id: "parallel", word: "Parallel", make: CompareParallel },
  { id: "scatter", word: "Scatter", make: CompareScatter },
];
const ALL: CompareChange = { runs: true, plotted: true, drawn: true };
const DRAWN: CompareChange = { runs: false, plotted: false, drawn: true };

let views = 0;

export class CompareView {
  private body: Body | null = null;

  constructor(private readonly options: CompareViewOptions) {}

  /** Has a server answer for a saved comparison; it has the run `known`. */
  answerBy(door: ServerDoor, known: string): void {
    this.options.saved?.answerBy(door, known);
    this.body?.answered();
  }

  /** Shows the runs inside `host`. Returns the function that ends it and frees everything. */
  mount(host: HTMLElement): () => void {
    const { height } = this.options;
    const scope = new Scope();
    const root = h("div", {
      ...{ class: "nbt nbt-compare", "data-lm-suppress-shortcuts": "true", role: "region" },
      "aria-label": "Comparison of runs",
    });
    root.style.height = height === null ? "100%" : `${Math.max(LEAST_HEIGHT_PX, height)}px`;
    host.append(root);
    adoptStyles(host, STYLES);
    scope.add(() => root.remove());
    const stage = new Stage(root);
    scope.add(stage.open());
    const body = new Body(root, stage, scope, this.options);
    watchVisibility(root, scope, (visible) => {
      if (visible) adoptStyles(root, STYLES);
      body.feed.watch(visible);
    });
    scope.add(body.open());
    keepAfterUse(root, scope, () => keepCompareState(body.name));
    this.body = body;
    return () => {
      this.body = null;
      scope.release();
    };
  }
}

class Body {
  readonly feed: CompareFeed;
  private readonly drawings: Drawings;
  readonly name: string;
  private readonly state: CompareState;
  private readonly boxes: readonly Box[];
  private readonly strip: TabStrip;
  private readonly list: RunsList;
  private readonly title = h("h2", { class: "nbt-name" });
  private readonly hint = h("span", { class: "nbt-hint", role: "status" });
  private readonly spoken = h("div", { class: "nbt-spoken", "aria-live": "polite" });
  private runs: readonly ComparedRun[] = [];
  private begun = false;

  constructor(
    root: HTMLElement,
    stage: Stage,
    private readonly scope: Scope,
    private readonly options: CompareViewOptions,
  ) {
    const { uid, source } = options;
    this.name = lookName(uid, options.saved !== null);
    this.state = compareState(this.name);
    this.begun = this.state.metric !== "";
    this.feed = new CompareFeed(uid, source, {
      told: (uids, full, bytes) => this.told(uids, full, bytes),
      turned: () => this.showHead(),
    });
    this.drawings = new Drawings(this.feed, () => {
      this.changed(DRAWN);
      this.list.colour();
    });
    const context: CompareContext = {
      ...{ feed: this.feed, stage, state: this.state, drawings: this.drawings },
      plotted: () => this.runs,
      color: (uid) => this.colorOf(uid),
      best: () => bestOf(this.runs, this.state.metric, this.state.goal),
      choose: () => this.choose(),
      say: (text) => setText(this.spoken, text),
      failed: (error) => console.error("nbtrack:", error),
    };
    const id = `nbt-${uid}-${views++}`;
    this.boxes = TABS.map((kind) => new TabBox(kind, `${id}-${kind.id}`, context));
    this.strip = new TabStrip(this.boxes, (id) => this.show(id), "Views of the comparison");
    this.list = new RunsList(context);
    root.append(
      h("div", { class: "nbt-head" }, h("div", { class: "nbt-title" }, this.title), this.hint),
      h("div", { class: "nbt-bar" }, this.strip.element, ...this.boxes.map((box) => box.tools)),
      h(
        "div",
        { class: "nbt-beside" },
        this.list.element,
        h("div", { class: "nbt-body" }, ...this.boxes.map((box) => box.panel)),
      ),
      this.spoken,
    );
  }

  open(): () => void {
    const { scope } = this;
    scope.add(() => this.drawings.close());
    scope.add(this.list.open());
    scope.add(this.strip.open());
    for (const box of this.boxes) scope.add(box.open());
    this.show(this.state.tab);
    scope.add(this.feed.open());
    this.showHead();
    return () => {};
  }

  private told(uids: readonly string[], full: boolean, bytes: DataView): void {
    const { feed, state } = this;
    const { head } = feed.store;
    const { saved } = this.options;
    if (!head) return;
    if (!this.begun) begin(state, head);
    else if (saved && feed.canAsk) drawChosen(state);
    else if (saved) drawSaved(state, head);
    this.begun = true;
    if (this.runs.some(({ uid }) => !feed.store.runs.has(uid))) this.drawings.leave();
    this.refresh(ALL);
    const drawn = saved ?? head.drawn;
    if (full && drawn) this.drawings.load(drawn, bytes, asDrawn(head), saved !== null);
    else this.drawings.touch(full ? feed.store.order : uids);
  }

  /** Somebody answers from now on: what was chosen before is there again. */
  answered(): void {
    drawChosen(this.state);
    this.refresh(ALL);
  }

  /** Somebody chose something: other runs, another axis, other groups. */
  private choose(): void {
    this.refresh({ runs: false, plotted: true, drawn: true });
  }

  private refresh(change: CompareChange): void {
    const { feed, state } = this;
    this.runs = plotted(feed.store, state);
    this.wish();
    this.changed(change);
    this.list.update();
    this.showHead();
  }

  private wish(): void {
    const { state, feed, runs } = this;
    const all = runs.length === feed.store.order.length;
    // Runs that no table was sent of count, too, while nothing is left out.
    const uids = all ? null : runs.map((run) => run.uid);
    this.drawings.ask(wishOf(uids, state));
  }

  private changed(change: CompareChange): void {
    for (const box of this.boxes) box.update(change);
    this.options.coloured?.((uid) => this.colorOf(uid));
  }

  private colorOf(uid: string): number | undefined {
    const { drawings, feed } = this;
    return drawings.isGrouped ? drawings.groupOf.get(uid) : feed.store.slots.get(uid);
  }

  private showHead(): void {
    const { store, connection } = this.feed;
    const { total } = store;
    const going = [...store.runs.values()].filter(goesOn).length;
    const count = `${formatCount(total)} ${total === 1 ? "run" : "runs"} compared`;
    setText(this.title, store.head ? count : "Comparing runs …");
    const words = [going > 0 ? `${going} going on` : "", this.options.origin]
      .filter(Boolean)
      .join(" · ");
    const kept = this.feed.hasAxes ? "Saved comparison, drawn from the store" : "Saved comparison";
    const told = connection === "saved" ? kept : connection === "lost" ? "No answer" : words;
    if (this.hint.textContent === told) return;
    const sign = connection === "saved" ? icon("saved") : null;
    this.hint.replaceChildren(...(sign ? [sign] : []), h("span", {}, told));
  }

  private show(id: string): void {
    const chosen = this.boxes.find((box) => box.id === id) ?? this.boxes[0];
    if (!chosen) return;
    this.state.tab = chosen.id;
    this.strip.mark(chosen.id);
    for (const box of this.boxes) if (box !== chosen) box.choose(false);
    chosen.choose(true);
  }
}

/** What is wanted of every metric. */
function wishOf(runs: Wish["runs"], { x, zoom, groupBy: group_by, band }: Look): Wish {
  return { runs, x, ...windowOf(zoom), group_by, band: band as "std" };
}

/** What charts meet that came with the runs. */
function asDrawn({ x, group_by: groupBy, band }: Comparison): Wish {
  return wishOf(null, { x, zoom: null, groupBy, band });
}
