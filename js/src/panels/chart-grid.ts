/**
 * Charts in sections: one chart per key (or per group of keys), one section per prefix.
 * Used for the metrics and for the machine. What is there keeps its place; new keys come
 * after it.
 */
import type { Axis, Range, Stage, Unit } from "../chart";
import type { Series } from "../data";
import type { Overlay, Switch } from "./card-menu";
import { type CardLine, ChartCard } from "./chart-card";
import { h, Scope, setText } from "./dom";
import { dropTarget } from "./dropping";
import { Sections } from "./sections";
import { searchPattern } from "./tools";

/** Where a key's chart stands and how its values are written. */
export interface KeyPlace {
  readonly section: string;
  readonly title: string;
  readonly format: (value: number) => string;
  readonly unit: Unit;
  readonly bounds?: readonly [number, number] | undefined;
  /** Keys of the same chart are drawn together; by default each key has its own. */
  readonly chart?: string;
  /** Its name in a legend; by default the title. */
  readonly label?: string;
}

/** What somebody has chosen about single charts, by the charts' ids. */
export interface Choices {
  readonly log: Set<string>;
  readonly clip: Set<string>;
  readonly pinned: Set<string>;
  readonly muted: Set<string>;
  readonly overlays: Map<string, readonly string[]>;
}

export interface GridOptions {
  readonly stage: Stage;
  readonly keys: () => Iterable<string>;
  readonly place: (key: string) => KeyPlace;
  readonly series: (key: string, axis: Axis) => Series | undefined;
  readonly whole: (key: string) => Series | undefined;
  readonly axis: (key: string) => Axis;
  readonly origin_s: () => number;
  readonly smoothing: () => number;
  readonly zoom: (axis: Axis) => Range | null;
  readonly zoomed: (axis: Axis, range: Range | null) => void;
  readonly collapsed: Set<string>;
  /** Null where there is no such choice. */
  readonly choices: Choices | null;
  readonly say: (text: string) => void;
}

interface Placed {
  readonly card: ChartCard;
  readonly section: string;
  readonly release: () => void;
  /** Of its own lines, without those that were put into it. */
  keys: readonly string[];
}

const NOTHING: ReadonlySet<string> = new Set();

export class ChartGrid {
  readonly element: HTMLElement;
  private readonly nothing = h("p", { class: "nbt-nothing", hidden: true });
  private readonly problem = h("p", { class: "nbt-problem", role: "status", hidden: true });
  private readonly sections: Sections;
  private readonly cards = new Map<string, Placed>();
  private readonly scope = new Scope();
  private search: RegExp | null = null;

  constructor(private readonly options: GridOptions) {
    const pins = options.choices?.pinned ?? NOTHING;
    this.sections = new Sections(this.scope, options.collapsed, pins, () => this.invalidate());
    this.element = this.sections.element;
    this.element.prepend(this.problem, this.nothing);
  }

  /** Returns the function that frees all charts. */
  open(): () => void {
    this.reconcile();
    return () => {
      for (const { release } of this.cards.values()) release();
      this.cards.clear();
      this.scope.release();
    };
  }

  /** Brings the charts in line with the keys that there are. */
  reconcile(): void {
    const groups = this.groups();
    for (const [id, placed] of this.cards) if (!groups.has(id)) this.drop(id, placed);
    for (const [id, keys] of groups) {
      const placed = this.cards.get(id) ?? this.add(id, keys);
      placed.keys = keys;
      this.sections.put(id, placed.section, placed.card.element);
    }
    this.filter();
  }

  /** Draws every chart that can be seen again. */
  invalidate(): void {
    for (const { card } of this.cards.values()) card.invalidate();
  }

  /** Shows only the charts with a key that matches. */
  searchFor(search: string): void {
    const { pattern, problem } = searchPattern(search);
    this.search = pattern;
    this.problem.hidden = problem === "";
    setText(this.problem, problem);
    this.filter();
  }

  /** The keys of each chart, without those that were put into another one. */
  private groups(): Map<string, string[]> {
    const keys = new Set(this.options.keys());
    const moved = new Set<string>();
    for (const [host, others] of this.options.choices?.overlays ?? []) {
      if (keys.has(host)) for (const key of others) moved.add(key);
    }
    const groups = new Map<string, string[]>();
    for (const key of keys) {
      if (moved.has(key)) continue;
      const id = this.options.place(key).chart ?? key;
      groups.set(id, [...(groups.get(id) ?? []), key]);
    }
    return groups;
  }

  private add(id: string, keys: readonly string[]): Placed {
    const { options } = this;
    const first = keys[0] ?? id;
    const place = options.place(first);
    const { section } = place;
    const axis = () => options.axis(first);
    const card = new ChartCard({
      key: id,
      title: place.title,
      color: this.sections.colorOf(section),
      format: place.format,
      unit: place.unit,
      bounds: place.bounds,
      lines: () => this.lines(id),
      axis,
      zoom: () => options.zoom(axis()),
      zoomed: (range) => options.zoomed(axis(), range),
      log: this.choice("log", id),
      clip: this.choice("clip", id),
      pin: this.choice("pinned", id, () => this.reconcile()),
      overlay: this.overlay(id),
      mute: (key) => this.mute(id, key),
      ...{ stage: options.stage, origin_s: options.origin_s },
      ...{ smoothing: options.smoothing, say: options.say },
    });
    const release = card.open();
    const undrag = options.choices ? this.draggable(id, card) : () => {};
    const placed = { card, section, keys, release: () => [undrag(), release()] };
    this.cards.set(id, placed);
    return placed;
  }

  /** Its own lines, and those that were put into it. */
  private lines(id: string): CardLine[] {
    const placed = this.cards.get(id);
    if (!placed) return [];
    const { keys } = placed;
    const color = this.sections.colorOf(placed.section);
    const others = this.options.choices?.overlays.get(id) ?? [];
    const all = [...keys, ...others.filter((key) => !keys.includes(key))];
    const sections = new Set(all.map((key) => this.options.place(key).section));
    return all.map((key, i) => {
      const place = this.options.place(key);
      return {
        key,
        label: sections.size > 1 ? key : (place.label ?? place.title),
        color: color + i,
        series: this.options.series(key, this.options.axis(keys[0] ?? key)),
        whole: this.options.whole(key),
        muted: this.options.choices?.muted.has(mutedName(id, key)) ?? false,
        movable: !keys.includes(key),
      };
    });
  }

  private choice(name: "log" | "clip" | "pinned", id: string, then = () => {}): Switch | null {
    const chosen = this.options.choices?.[name];
    if (!chosen) return null;
    return {
      has: () => chosen.has(id),
      set: (on) => {
        if (on) chosen.add(id);
        else chosen.delete(id);
        then();
      },
    };
  }

  private mute(id: string, key: string): void {
    const muted = this.options.choices?.muted;
    const name = mutedName(id, key);
    if (!muted?.delete(name)) muted?.add(name);
    this.cards.get(id)?.card.invalidate();
  }

  private overlay(id: string): Overlay | null {
    const overlays = this.options.choices?.overlays;
    if (!overlays) return null;
    const set = (keys: readonly string[]) => {
      if (keys.length > 0) overlays.set(id, keys);
      else overlays.delete(id);
      this.reconcile();
      this.cards.get(id)?.card.invalidate();
    };
    return {
      choices: () => [...this.cards.keys()].filter((other) => other !== id),
      add: (key) => {
        // What was in the other chart comes along.
        const along = overlays.get(key) ?? [];
        overlays.delete(key);
        set([...new Set([...(overlays.get(id) ?? []), key, ...along])]);
      },
      remove: (key) => set((overlays.get(id) ?? []).filter((other) => other !== key)),
    };
  }

  private draggable(id: string, card: ChartCard): () => void {
    return dropTarget(card.element, id, (key) => {
      if (this.cards.has(key)) this.overlay(id)?.add(key);
    });
  }

  private drop(id: string, { section, release }: Placed): void {
    release();
    this.sections.take(id, section);
    this.cards.delete(id);
  }

  private filter(): void {
    const matches = (id: string) => {
      const keys = this.cards.get(id)?.keys ?? [];
      const others = this.options.choices?.overlays.get(id) ?? [];
      return [...keys, ...others].some((key) => this.search?.test(key) ?? true);
    };
    const shown = this.sections.filter(matches);
    this.nothing.hidden = shown > 0 || this.cards.size === 0;
    setText(this.nothing, `None of the ${this.cards.size} charts matches this search.`);
  }
}

/** A line is switched off in one chart, not in all of them. */
function mutedName(id: string, key: string): string {
  return `${id}\n${key}`;
}
