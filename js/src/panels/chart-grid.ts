/**
 * Charts in sections: one chart per key, one section per prefix. Used for the metrics and
 * for the machine. What is there keeps its place; new keys come after it.
 */
import type { Axis, Range, Stage, Unit } from "../chart";
import type { Series } from "../data";
import { ChartCard } from "./chart-card";
import { h, matcher, Scope, setText } from "./dom";
import { icon } from "./icons";

/** Where a key's chart stands and how its values are written. */
export interface KeyPlace {
  readonly section: string;
  readonly title: string;
  readonly format: (value: number) => string;
  readonly unit: Unit;
  readonly bounds?: readonly [number, number] | undefined;
}

export interface GridOptions {
  readonly stage: Stage;
  readonly keys: () => Iterable<string>;
  readonly place: (key: string) => KeyPlace;
  readonly series: (key: string) => Series | undefined;
  readonly whole: (key: string) => Series | undefined;
  readonly axis: () => Axis;
  readonly smoothing: () => number;
  readonly zoom: () => Range | null;
  readonly zoomed: (range: Range | null) => void;
  readonly collapsed: Set<string>;
  /** Keys with a logarithmic axis; null where there is no such choice. */
  readonly log: Set<string> | null;
  readonly say: (text: string) => void;
}

interface Section {
  readonly element: HTMLElement;
  readonly cards: HTMLElement;
  readonly count: HTMLElement;
  readonly color: number;
  readonly keys: Set<string>;
}

interface Card {
  readonly card: ChartCard;
  readonly section: Section;
  readonly release: () => void;
}

export class ChartGrid {
  readonly element = h("div", { class: "nbt-grid" });
  private readonly nothing = h("p", { class: "nbt-nothing", hidden: true });
  private readonly sections = new Map<string, Section>();
  private readonly cards = new Map<string, Card>();
  private readonly scope = new Scope();
  private search: RegExp | null = null;

  constructor(private readonly options: GridOptions) {
    this.element.append(this.nothing);
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
    const keys = new Set(this.options.keys());
    for (const [key, card] of this.cards) if (!keys.has(key)) this.drop(key, card);
    for (const key of keys) if (!this.cards.has(key)) this.add(key);
    this.filter();
  }

  /** Draws every chart that can be seen again. */
  invalidate(): void {
    for (const { card } of this.cards.values()) card.invalidate();
  }

  /** Shows only the charts whose key matches. */
  searchFor(search: string): void {
    this.search = matcher(search);
    this.filter();
  }

  private add(key: string): void {
    const place = this.options.place(key);
    const section = this.section(place.section);
    const { stage, axis, smoothing, zoom, zoomed, log, say } = this.options;
    const card = new ChartCard({
      key,
      title: place.title,
      color: section.color,
      format: place.format,
      unit: place.unit,
      bounds: place.bounds,
      series: () => this.options.series(key),
      whole: () => this.options.whole(key),
      log: log && {
        has: () => log.has(key),
        set: (on) => void (on ? log.add(key) : log.delete(key)),
      },
      ...{ stage, axis, smoothing, zoom, zoomed, say },
    });
    section.cards.append(card.element);
    section.keys.add(key);
    this.cards.set(key, { card, section, release: card.open() });
  }

  private drop(key: string, { card, section, release }: Card): void {
    release();
    card.element.remove();
    section.keys.delete(key);
    this.cards.delete(key);
  }

  private section(name: string): Section {
    let section = this.sections.get(name);
    if (!section) {
      section = this.newSection(name);
      this.sections.set(name, section);
      this.element.append(section.element);
    }
    return section;
  }

  private newSection(name: string): Section {
    const { collapsed } = this.options;
    const cards = h("div", { class: "nbt-cards", hidden: collapsed.has(name) });
    const count = h("span", { class: "nbt-count" });
    const open = !collapsed.has(name);
    const toggle = h(
      "button",
      { type: "button", class: "nbt-section-toggle", "aria-expanded": open },
      icon("chevron"),
      h("span", { class: "nbt-section-name" }, name),
      count,
    );
    this.scope.listen(toggle, "click", () => {
      cards.hidden = !cards.hidden;
      toggle.setAttribute("aria-expanded", String(!cards.hidden));
      if (cards.hidden) collapsed.add(name);
      else collapsed.delete(name);
    });
    const element = h("section", { class: "nbt-section", "aria-label": name });
    element.append(h("h3", { class: "nbt-section-head" }, toggle), cards);
    return { element, cards, count, color: this.sections.size, keys: new Set() };
  }

  private filter(): void {
    let shown = 0;
    for (const section of this.sections.values()) {
      let here = 0;
      for (const key of section.keys) {
        const matches = this.search?.test(key) ?? true;
        const { card } = this.cards.get(key) as Card;
        card.element.hidden = !matches;
        if (matches) here++;
      }
      section.element.hidden = here === 0;
      const all = section.keys.size;
      setText(section.count, here < all ? `${here} of ${all}` : String(all));
      shown += here;
    }
    this.nothing.hidden = shown > 0 || this.cards.size === 0;
    setText(this.nothing, `None of the ${this.cards.size} charts matches this search.`);
  }
}
