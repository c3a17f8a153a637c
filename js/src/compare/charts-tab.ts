/** The metrics of several runs, one chart each, in sections by prefix. */
import { formatDuration, formatTicks, type Range } from "../chart";
import { h, matcher, Scope, setText } from "../panels/dom";
import { icon } from "../panels/icons";
import { Sections, sectionOf } from "../panels/sections";
import type { Tab } from "../panels/tab";
import { Chooser, searchField, selection, slider } from "../panels/tools";
import type { CompareChange, CompareContext } from "./context";
import { OverlayCard } from "./overlay-card";
import { columnsOf } from "./store";
import { keysLeftOut } from "./words";

const BANDS = [
  ["std", "± std"],
  ["stderr", "± stderr"],
  ["t95", "95 % t"],
  ["minmax", "min–max"],
] as const;
const AS_SAVED =
  "Kept along one axis and in one grouping. For others, open the notebook in a JupyterLab that " +
  "has the runs, run its cell again, or write the report anew.";
const FIELDS = [
  ["", "No groups"],
  ["group", "Group"],
  ["job_type", "Job type"],
  ["tags", "Tags"],
  ["state", "State"],
] as const;

interface Card {
  readonly card: OverlayCard;
  readonly section: string;
  readonly release: () => void;
}

export class CompareCharts implements Tab<CompareChange> {
  readonly element = h("div", { class: "nbt-charts" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly sections: Sections;
  private readonly legend = h("ul", { class: "nbt-groups", "aria-label": "Groups" });
  private readonly nothing = h("p", { class: "nbt-nothing", hidden: true });
  private readonly left = h("p", { class: "nbt-quiet", hidden: true });
  private readonly cards = new Map<string, Card>();
  private readonly scope: Scope;
  private readonly axis: Chooser<string>;
  private readonly groups: Chooser<string>;
  private readonly band: HTMLSelectElement;
  private readonly chip: HTMLButtonElement;
  private readonly chipText = h("span");

  constructor(private readonly context: CompareContext) {
    const { state } = context;
    this.scope = new Scope(context.failed);
    this.sections = new Sections(this.scope, state.collapsed, state.pinned, () =>
      this.invalidate(),
    );
    const attributes = { type: "button", hidden: true, title: "Show everything again" };
    this.chip = h("button", { class: "nbt-chip", ...attributes }, this.chipText, icon("close"));
    const search = searchField(this.scope, "Search charts", state.keySearch, (text) => {
      state.keySearch = text;
      this.filter();
    });
    this.axis = new Chooser(this.scope, "Horizontal axis", (x) => {
      state.x = x;
      this.zoom(null);
    });
    this.groups = new Chooser(this.scope, "Group runs by", (field) => {
      state.groupBy = field === "" ? [] : [field];
      context.choose();
      this.show();
    });
    this.band = selection(this.scope, "Band of a group", BANDS, state.band as "std", (band) => {
      state.band = band;
      context.choose();
    });
    const smoothing = slider(this.scope, "Smoothing", state.smoothing, (value) => {
      state.smoothing = value;
      this.invalidate();
    });
    this.tools.append(
      this.chip,
      search,
      this.axis.element,
      this.groups.element,
      this.band,
      smoothing,
    );
    this.element.append(this.legend, this.nothing, this.sections.element, this.left);
  }

  open(): () => void {
    this.scope.listen(this.chip, "click", () => this.zoom(null));
    this.scope.add(() => {
      for (const { release } of this.cards.values()) release();
    });
    this.reconcile();
    this.show();
    return () => this.scope.release();
  }

  update(change: CompareChange): void {
    if (change.runs) {
      this.reconcile();
      this.show();
    }
    this.showGroups();
    this.invalidate();
  }

  shown(): void {
    this.invalidate();
  }

  count(): string {
    return String(this.cards.size || "");
  }

  private invalidate(): void {
    for (const { card } of this.cards.values()) card.invalidate();
  }

  /** The metrics that somebody asked for, or all that are not hidden. */
  private keys(): string[] {
    const { head, keys } = this.context.feed.store;
    const asked = head?.shown ?? [];
    if (asked.length > 0) return [...asked];
    return keys.filter(({ hidden }) => !hidden).map(({ key }) => key);
  }

  private reconcile(): void {
    const keys = new Set(this.keys());
    for (const [key, { section, release }] of this.cards) {
      if (keys.has(key)) continue;
      release();
      this.sections.take(key, section);
      this.cards.delete(key);
    }
    for (const key of keys) if (!this.cards.has(key)) this.add(key);
    this.filter();
  }

  private add(key: string): void {
    const { section, title } = sectionOf(key);
    const { pinned } = this.context.state;
    const pin = {
      has: () => pinned.has(key),
      set: (on: boolean) => {
        if (on) pinned.add(key);
        else pinned.delete(key);
        this.sections.put(key, section, card.element);
        this.filter();
      },
    };
    const card = new OverlayCard(key, title, this.context, (range) => this.zoom(range), pin);
    this.sections.put(key, section, card.element);
    this.cards.set(key, { card, section, release: card.open() });
  }

  private filter(): void {
    const pattern = matcher(this.context.state.keySearch);
    const shown = this.sections.filter((key) => pattern?.test(key) ?? true);
    this.nothing.hidden = shown > 0;
    const none = this.cards.size === 0;
    setText(
      this.nothing,
      none ? "These runs have no metrics yet." : "None of the charts matches this search.",
    );
  }

  private zoom(range: Range | null): void {
    this.context.state.zoom = range;
    this.context.choose();
    this.show();
  }

  private show(): void {
    const { state, feed } = this.context;
    const { store } = feed;
    const metrics = store.keys.map(({ key }) => [key, key] as const);
    const fixed = [
      ["step", "Step"],
      ["time", "Time"],
    ] as const;
    this.axis.show(fixed, metrics, state.x);
    const [differing] = columnsOf(store.list(), "config");
    const fields = differing.map((key) => [`config.${key}`, key] as const);
    this.groups.show(FIELDS, this.withChosen(fields), state.groupBy.join(" + "));
    this.band.hidden = state.groupBy.length === 0;
    if (this.band.value !== state.band) this.band.value = state.band;
    enable(this.axis.element, feed.hasAxes);
    enable(this.groups.element, feed.canAsk);
    enable(this.band, feed.canAsk);
    const left = keysLeftOut(store.head);
    setText(this.left, left);
    this.left.hidden = left === "";
    this.chip.hidden = state.zoom === null;
    if (state.zoom) setText(this.chipText, zoomText(state.zoom, state.x));
  }

  private showGroups(): void {
    const { groups, isGrouped } = this.context.drawings;
    const shape = isGrouped ? JSON.stringify(groups) : "";
    if (this.legend.dataset.shape === shape) return;
    this.legend.dataset.shape = shape;
    this.legend.replaceChildren(
      ...(isGrouped ? groups : []).map((name, i) =>
        h("li", { "data-color": i % 6 }, h("span", { class: "nbt-dot" }), name),
      ),
    );
  }

  /** What was chosen in code may be no choice of the list: several fields, a key that all share. */
  private withChosen(fields: readonly (readonly [string, string])[]) {
    const chosen = this.context.state.groupBy;
    const name = chosen.join(" + ");
    const short = chosen.map((field) => field.replace(/^config\./, "")).join(" + ");
    const known = [...FIELDS, ...fields].some(([value]) => value === name);
    return known ? fields : [[name, short] as const, ...fields];
  }
}

/** Whether something can be chosen here; what cannot says why. */
function enable(choice: HTMLSelectElement, on: boolean): void {
  choice.disabled = !on;
  choice.title = on ? (choice.getAttribute("aria-label") ?? "") : AS_SAVED;
}

function zoomText({ low, high }: Range, x: string): string {
  const ends = [low, high];
  const texts = x === "time" ? ends.map(formatDuration) : formatTicks(ends, (high - low) / 50);
  return `${x === "time" ? "" : `${x} `}${texts.join(" – ")}`;
}
