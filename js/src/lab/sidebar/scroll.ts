/**
 * The list of runs on the screen: of thousands only the rows that can be seen are there.
 *
 * Rows have one height and the groups say how many they have, so that every row's place is
 * known before its run is; runs that have not been sent yet are asked for by place.
 */
import { h, setText } from "../../panels/dom";
import type { RunRow } from "../../protocol";
import { arrange } from "../arrange";
import { keyOf } from "../table/selection";
import { trans } from "../translation";
import { HEADER_PX, type Page, ROW_PX, type Section } from "./page";
import { Row } from "./row";

/** Rows beyond the edges, so that a turn of the wheel meets no empty ones. */
const BEYOND = 6;

export interface ScrollOptions {
  readonly page: Page;
  readonly open: (run: RunRow) => void;
  /** Somebody selects a run, or all up to it. */
  readonly choose: (key: string, how: "toggle" | "extend") => void;
  readonly isChosen: (key: string) => boolean;
  /** The groups that are folded on the page. */
  readonly folded: () => ReadonlySet<string>;
  readonly fold: (project: string, folded: boolean) => void;
  /** The first and the last place that can be seen. */
  readonly seen: (first: number, last: number) => void;
}

/** What the keyboard can be on: a group's header, or the run at a place. */
type Stop = { readonly section: Section; readonly place: number | null };

interface Drawn {
  readonly element: HTMLElement;
  readonly header: HTMLButtonElement;
  readonly count: HTMLElement;
  readonly list: HTMLElement;
}

export class RunScroll {
  readonly element = h("div", { class: "nbt-lab-body" });
  private readonly canvas = h("div", { class: "nbt-lab-canvas" });
  private readonly drawn = new Map<string, Drawn>();
  private readonly rows = new Map<string, Row>();
  private sections: Section[] = [];
  private marked: string | null = null;
  private column = "";
  /** The header or run that Tab leads to, by its group's name or its key. */
  private active: { readonly group: string } | { readonly key: string } | null = null;
  /** Whether the keyboard is here: what it is on is drawn wherever the list stands. */
  private focused = false;
  /** A place whose run is to have the focus when it has come. */
  private awaited: number | null = null;

  constructor(private readonly options: ScrollOptions) {
    this.element.append(this.canvas);
    this.element.tabIndex = -1;
    this.element.addEventListener("scroll", () => this.paint(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.keyed(event));
    // Firefox clicks when the key is let go.
    this.element.addEventListener("keyup", (event) => {
      if (event.key === " " && this.rowKey(event.target) !== undefined) event.preventDefault();
    });
    this.element.addEventListener("focusin", (event) => this.noteFocus(event.target));
    this.element.addEventListener("focusout", () => {
      this.focused = false;
    });
  }

  /** Draws what is to be seen; `column` is shown in place of each run's main metric. */
  draw(column: string): void {
    this.column = column;
    this.sections = this.options.page.sections(this.options.folded());
    const last = this.sections.at(-1);
    this.canvas.style.height = `${last ? last.top + last.height : 0}px`;
    this.paint();
    this.focusAwaited();
  }

  /** Shows the beginning of the list. */
  toTop(): void {
    this.element.scrollTop = 0;
  }

  /** Puts the keyboard on the first run, or the group that hides it. */
  enter(): void {
    const first = this.first();
    if (first) this.go(first);
  }

  mark(uid: string | null): void {
    this.marked = uid;
    for (const row of this.rows.values()) row.mark(row.button.dataset.uid === uid);
  }

  tick(now: number): void {
    for (const row of this.rows.values()) row.tick(now);
  }

  private paint(): void {
    const { scrollTop, clientHeight } = this.element;
    const [from, to] = [scrollTop, scrollTop + clientHeight];
    const visible = this.sections.filter(
      (one) => (one.top + one.height > from && one.top < to) || this.holdsFocus(one),
    );
    const held = this.canvas.contains(document.activeElement);
    const used = new Set<Row>();
    const places: number[] = [];
    const now = Date.now() / 1000;
    const elements = visible.map((section) => {
      const drawn = this.drawGroup(section);
      const range = this.rangeOf(section, from, to);
      places.push(...range);
      const at = this.activePlace();
      const isApart = this.holdsFocus(section) && at >= 0 && !range.includes(at);
      const drawnToo = isApart ? [...range, at] : range;
      const rows = drawnToo.map((place) => this.drawRow(section, place, now, used));
      arrange(drawn.list, rows);
      return drawn.element;
    });
    arrange(this.canvas, elements);
    // A run that leaves the list leaves the keyboard here.
    if (held && !this.canvas.contains(document.activeElement)) this.element.focus();
    this.forget(visible, used);
    this.keepOneTabStop();
    if (places.length > 0) this.options.seen(Math.min(...places), Math.max(...places));
  }

  private holdsFocus({ group, folded, first }: Section): boolean {
    const { active } = this;
    if (!this.focused || !active) return false;
    if ("group" in active) return active.group === group.name;
    const at = this.activePlace();
    return !folded && at >= first && at < first + group.count;
  }

  /** The places of a section that are near what can be seen. */
  private rangeOf(section: Section, from: number, to: number): number[] {
    const count = section.folded ? 0 : section.group.count;
    const begin = section.top + HEADER_PX;
    const first = Math.max(0, Math.floor((from - begin) / ROW_PX) - BEYOND);
    const last = Math.min(count - 1, Math.ceil((to - begin) / ROW_PX) + BEYOND);
    const range: number[] = [];
    for (let i = first; i <= last; i++) range.push(section.first + i);
    return range;
  }

  private drawGroup(section: Section): Drawn {
    const { group, folded } = section;
    const drawn = this.drawn.get(group.name) ?? this.newGroup(group.name);
    drawn.element.style.top = `${section.top}px`;
    drawn.element.style.height = `${section.height}px`;
    drawn.header.setAttribute("aria-expanded", String(!folded));
    const open = group.open > 0 ? trans.__("%1 open of %2", group.open, group.count) : "";
    setText(drawn.count, group.count.toLocaleString());
    drawn.count.title = open;
    return drawn;
  }

  private newGroup(name: string): Drawn {
    const count = h("span", { class: "nbt-lab-count" });
    const header = h(
      "button",
      { class: "nbt-lab-group", type: "button", tabindex: -1, title: name },
      h("span", { class: "nbt-lab-project" }, name),
      count,
    );
    const label = trans.__("Runs of project %1", name);
    const list = h("ul", { class: "nbt-lab-list", role: "list", "aria-label": label });
    header.dataset.group = name;
    header.addEventListener("click", () => {
      this.options.fold(name, !this.options.folded().has(name));
    });
    const drawn = { element: h("section", {}, header, list), header, count, list };
    this.drawn.set(name, drawn);
    return drawn;
  }

  private drawRow(section: Section, place: number, now: number, used: Set<Row>): HTMLElement {
    const run = this.options.page.at(place);
    const element = run ? this.filled(run, now, used) : h("li", { class: "nbt-lab-item" });
    element.style.top = `${(place - section.first) * ROW_PX}px`;
    element.setAttribute("aria-setsize", String(section.group.count));
    element.setAttribute("aria-posinset", String(place - section.first + 1));
    return element;
  }

  private filled(run: RunRow, now: number, used: Set<Row>): HTMLElement {
    const key = keyOf(run);
    const row = this.rows.get(key) ?? new Row((one, event) => this.clicked(one, event));
    if (!this.rows.has(key)) row.mark(run.uid === this.marked);
    this.rows.set(key, row);
    row.show(run, this.column, now);
    row.choose(this.options.isChosen(key));
    used.add(row);
    return row.element;
  }

  /** Rows that are no longer on screen are built anew when they come back. */
  private forget(visible: readonly Section[], used: ReadonlySet<Row>): void {
    for (const [key, row] of this.rows) if (!used.has(row)) this.rows.delete(key);
    const names = new Set(visible.map(({ group }) => group.name));
    for (const name of this.drawn.keys()) if (!names.has(name)) this.drawn.delete(name);
  }

  private activePlace(): number {
    const { active } = this;
    return active && "key" in active ? this.options.page.placeOf(active.key) : -1;
  }

  private activeElement(): HTMLElement | null {
    const { active } = this;
    if (!active) return null;
    if ("key" in active) return this.rows.get(active.key)?.button ?? null;
    return this.drawn.get(active.group)?.header ?? null;
  }

  private keepOneTabStop(): void {
    const stops = [...this.canvas.querySelectorAll<HTMLElement>("button")];
    const stop = this.activeElement() ?? stops[0];
    for (const one of stops) one.tabIndex = one === stop ? 0 : -1;
  }

  private noteFocus(target: EventTarget | null): void {
    if (!(target instanceof HTMLElement)) return;
    this.focused = true;
    const { group } = target.dataset;
    const key = this.rowKey(target);
    if (group !== undefined) this.active = { group };
    else if (key !== undefined) this.active = { key };
    this.keepOneTabStop();
  }

  private rowKey(target: EventTarget | null): string | undefined {
    return [...this.rows].find(([, row]) => row.button === target)?.[0];
  }

  private clicked(run: RunRow, { shiftKey, ctrlKey, metaKey }: MouseEvent): void {
    const { open, choose } = this.options;
    if (shiftKey) choose(keyOf(run), "extend");
    else if (ctrlKey || metaKey) choose(keyOf(run), "toggle");
    else open(run);
  }

  /** Arrow keys, Page Up and Down, Home and End go through all runs; left and right fold. */
  private keyed(event: KeyboardEvent): void {
    const at = this.current() ?? this.first();
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    const screen = Math.max(1, Math.floor(this.element.clientHeight / ROW_PX) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: screen,
      PageUp: -screen,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const step = steps[event.key];
    const key = event.key === " " ? this.rowKey(event.target) : undefined;
    if (key !== undefined) this.options.choose(key, event.shiftKey ? "extend" : "toggle");
    else if (step !== undefined) this.move(at, step);
    else if (event.key === "ArrowLeft") this.options.fold(at.section.group.name, true);
    else if (event.key === "ArrowRight") this.options.fold(at.section.group.name, false);
    else return;
    if (event.key === "ArrowLeft") this.go({ section: at.section, place: null });
    event.preventDefault();
    event.stopPropagation();
  }

  private first(): Stop | null {
    const [section] = this.sections;
    return section ? { section, place: section.folded ? null : section.first } : null;
  }

  private current(): Stop | null {
    const { active, sections } = this;
    if (this.awaited === null && active && "group" in active) {
      const section = sections.find(({ group }) => group.name === active.group);
      return section ? { section, place: null } : null;
    }
    const place = this.awaited ?? this.activePlace();
    const section = sections.find(
      ({ first, folded, group }) => !folded && place >= first && place < first + group.count,
    );
    return section ? { section, place } : null;
  }

  /** Headers and runs are counted together, in the order in which they stand. */
  private move({ section, place }: Stop, step: number): void {
    const index = this.sections.indexOf(section);
    const slot = index + (place === null ? section.first : place + 1);
    const last = this.sections.at(-1);
    if (!last) return;
    const rows = (one: Section) => (one.folded ? 0 : one.group.count);
    const end = this.sections.length - 1 + last.first + rows(last);
    const to = Math.max(0, Math.min(end, slot + step));
    const found = this.sections.findLastIndex(({ first }, i) => i + first <= to);
    const target = this.sections[found];
    if (!target) return;
    const inside = to - found - target.first;
    this.go({ section: target, place: inside === 0 ? null : target.first + inside - 1 });
  }

  private go({ section, place }: Stop): void {
    const top = section.top + (place === null ? 0 : HEADER_PX + (place - section.first) * ROW_PX);
    const height = place === null ? HEADER_PX : ROW_PX;
    this.reveal(top, height, place === null ? 0 : HEADER_PX);
    if (place === null) {
      this.active = { group: section.group.name };
      this.awaited = null;
      this.paint();
      this.activeElement()?.focus({ preventScroll: true });
    } else {
      this.awaited = place;
      // Holds the keyboard until the run has come.
      if (!this.options.page.at(place)) this.element.focus({ preventScroll: true });
      this.paint();
      this.focusAwaited();
    }
  }

  /** Scrolls as little as shows a part of the list; the header above it covers `above`. */
  private reveal(top: number, height: number, above: number): void {
    const { scrollTop, clientHeight } = this.element;
    if (top - above < scrollTop) this.element.scrollTop = top - above;
    else if (top + height > scrollTop + clientHeight) {
      this.element.scrollTop = top + height - clientHeight;
    }
  }

  private focusAwaited(): void {
    const run = this.awaited === null ? undefined : this.options.page.at(this.awaited);
    if (!run) return;
    this.awaited = null;
    this.active = { key: keyOf(run) };
    this.paint();
    this.activeElement()?.focus({ preventScroll: true });
  }
}
