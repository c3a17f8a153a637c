/**
 * The grid: draws the lines and columns that can be seen and no others, and is walked through
 * by keys. What the lines are and what is done with them, its host knows.
 */
import { h } from "../../panels/dom";
import { type HeadEvents, Heads } from "./heads";
import type { Items } from "./items";
import { Line, type Shown } from "./line";
import { columnsIn, linesIn, type Placed, type Placing, ROW_PX, scrolledTo } from "./placing";

export interface GridHost extends HeadEvents {
  shown(line: number): Shown;
  /** These lines can be seen. */
  looked(first: number, last: number): void;
  /** Somebody opens the run of a line, or unfolds its group. */
  open(line: number): void;
  choose(line: number, how: "toggle" | "extend"): void;
  edit(line: number, column: string, cell: HTMLElement): void;
  menuOf(line: number, at: { readonly x: number; readonly y: number }): void;
  clear(): void;
  order(): readonly string[];
  chosen(): "all" | "some" | "none";
}

/** Line of the heads, when they have the focus. */
const HEADS = -1;

export class Grid {
  readonly element = h("div", {
    ...{ class: "nbt-rt-grid", role: "grid", "aria-label": "Runs", "aria-multiselectable": true },
  });
  private readonly body = h("div", { class: "nbt-rt-grid-body", role: "rowgroup" });
  private readonly heads: Heads;
  private readonly lines = new Map<number, Line>();
  private placing: Placing = { columns: [], width: 0, pinnedWidth: 0 };
  private visible: readonly Placed[] = [];
  private items: Items | null = null;
  private readonly active = { line: 0, column: "" };
  private frame = 0;
  private size = { width: 0, height: 0 };
  private readonly sized: ResizeObserver;

  constructor(private readonly host: GridHost) {
    this.heads = new Heads(host);
    this.element.append(
      h("div", { class: "nbt-rt-grid-heads", role: "rowgroup" }, this.heads.element),
      this.body,
    );
    this.sized = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = this.element;
      this.size = { width, height };
      this.draw();
    });
  }

  open(): () => void {
    const { element } = this;
    element.addEventListener("scroll", () => this.later(), { passive: true });
    element.addEventListener("keydown", (event) => this.keyed(event));
    element.addEventListener("focusin", (event) => this.focused(event));
    this.body.addEventListener("click", (event) => this.clicked(event));
    this.body.addEventListener("dblclick", (event) => this.doubled(event));
    this.body.addEventListener("contextmenu", (event) => this.pointed(event));
    this.sized.observe(element);
    return () => {
      this.sized.disconnect();
      cancelAnimationFrame(this.frame);
    };
  }

  /** Columns are others, or stand elsewhere. */
  place(placing: Placing): void {
    this.placing = placing;
    this.visible = [];
    this.element.setAttribute("aria-colcount", String(placing.columns.length + 1));
    this.body.style.width = `${placing.width}px`;
    this.draw();
  }

  /** Lines are others. */
  list(items: Items): void {
    this.items = items;
    this.element.setAttribute("aria-rowcount", String(items.length + 1));
    this.body.style.height = `${items.length * ROW_PX}px`;
    this.draw();
  }

  toTop(): void {
    this.element.scrollTop = 0;
  }

  /** Draws what is another one than before; many calls in one frame are one. */
  later(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  /** Lets times go on. */
  tick(now: number): void {
    for (const line of this.lines.values()) line.tick(now);
  }

  /** Draws a line anew, whatever it shows. */
  redraw(index: number): void {
    const line = this.lines.get(index);
    line?.forget();
    if (line) this.drawLine(index, Date.now() / 1000);
  }

  /** The cell of a line and a column, when it is drawn. */
  cell(line: number, column: string): HTMLElement | undefined {
    return this.lines.get(line)?.cells.get(column);
  }

  focus(): void {
    this.go(this.active.line, this.active.column);
  }

  draw(): void {
    const { items, size } = this;
    if (!items || size.height === 0) return;
    const { scrollTop, scrollLeft } = this.element;
    const { first, end } = linesIn(scrollTop, size.height, items.length);
    this.see(scrollLeft);
    this.heads.show(this.visible, this.placing.width, this.host.order(), this.host.chosen());
    const kept = this.lineOfFocus();
    for (const [index, line] of this.lines) {
      const isOut = index < first || index >= end;
      if (index >= items.length || (isOut && index !== kept)) {
        line.element.remove();
        this.lines.delete(index);
      }
    }
    const now = Date.now() / 1000;
    for (let index = first; index < end; index++) this.drawLine(index, now);
    if (kept !== null && kept < items.length) this.drawLine(kept, now);
    this.keepTabStop(scrollTop);
    this.host.looked(
      Math.floor(scrollTop / ROW_PX),
      Math.min(items.length, Math.ceil((scrollTop + size.height) / ROW_PX)) - 1,
    );
  }

  private drawLine(index: number, now: number): void {
    let line = this.lines.get(index);
    if (!line) {
      line = new Line(index);
      this.lines.set(index, line);
      this.body.append(line.element);
    }
    line.show(this.host.shown(index), this.visible, this.placing.width, now);
  }

  /** Which columns stand in the window; the same list as before where they are the same. */
  private see(scrollLeft: number): void {
    const seen = columnsIn(this.placing, scrollLeft, this.size.width);
    const isSame =
      seen.length === this.visible.length && seen.every((one, i) => one === this.visible[i]);
    if (!isSame) this.visible = seen;
  }

  // Focus: one cell can be reached by Tab, the arrows lead to the others.

  private lineOfFocus(): number | null {
    const { activeElement } = document;
    if (!activeElement || !this.body.contains(activeElement)) return null;
    return lineOf(activeElement);
  }

  private keepTabStop(scrollTop: number): void {
    const { line, column } = this.active;
    if (line >= (this.items?.length ?? 0)) this.active.line = 0;
    const cell = line === HEADS ? this.heads.cells.get(column) : this.cell(line, column);
    for (const one of this.element.querySelectorAll<HTMLElement>('[tabindex="0"]')) {
      if (one !== cell) one.tabIndex = -1;
    }
    const fallback = this.lines.get(linesIn(scrollTop, 1, this.items?.length ?? 0).first);
    const stop = cell ?? fallback?.cells.get("") ?? this.heads.cells.get("");
    if (stop) stop.tabIndex = 0;
  }

  private focused(event: FocusEvent): void {
    const cell = cellOf(event.target);
    if (!cell) return;
    this.active.column = cell.dataset.column ?? "";
    this.active.line = this.body.contains(cell) ? (lineOf(cell) ?? 0) : HEADS;
    this.keepTabStop(this.element.scrollTop);
  }

  private go(line: number, column: string): void {
    const count = this.items?.length ?? 0;
    this.active.line = Math.max(HEADS, Math.min(count - 1, line));
    this.active.column = column;
    this.bringIntoView();
    this.draw();
    const cell =
      this.active.line === HEADS
        ? this.heads.cells.get(column)
        : this.cell(this.active.line, column);
    cell?.focus({ preventScroll: true });
  }

  private bringIntoView(): void {
    const { element, size, placing } = this;
    const { line, column } = this.active;
    if (line >= 0) {
      const top = scrolledTo(line, element.scrollTop, size.height);
      if (top !== element.scrollTop) element.scrollTop = top;
    }
    const placed = placing.columns.find((one) => one.column.id === column);
    if (!placed || placed.isPinned) return;
    const left = placed.x - placing.pinnedWidth;
    const right = placed.x + placed.width - size.width;
    if (element.scrollLeft > left) element.scrollLeft = left;
    else if (element.scrollLeft < right) element.scrollLeft = right;
  }

  private keyed(event: KeyboardEvent): void {
    const cell = cellOf(event.target);
    // What somebody types into a field is not for the grid.
    if (!cell || event.defaultPrevented || cell.dataset.editing !== undefined) return;
    if (this.walked(event) || this.acted(event, cell)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  private walked(event: KeyboardEvent): boolean {
    if (event.altKey) return false;
    const { line, column } = this.active;
    const columns = ["", ...this.placing.columns.map((one) => one.column.id)];
    const at = columns.indexOf(column);
    const page = Math.max(1, Math.floor(this.size.height / ROW_PX) - 2);
    const last = (this.items?.length ?? 0) - 1;
    const far = event.ctrlKey || event.metaKey;
    const side = (to: number) => columns[Math.max(0, Math.min(columns.length - 1, to))] ?? "";
    const targets: Readonly<Record<string, readonly [number, string]>> = {
      ArrowUp: [far ? 0 : line - 1, column],
      ArrowDown: [far ? last : line + 1, column],
      ArrowLeft: [line, side(far ? 0 : at - 1)],
      ArrowRight: [line, side(far ? columns.length : at + 1)],
      PageUp: [Math.max(0, line - page), column],
      PageDown: [line + page, column],
      Home: [far ? 0 : line, side(0)],
      End: [far ? last : line, side(columns.length)],
    };
    const target = targets[event.key];
    if (!target) return false;
    const isVertical = target[0] !== line;
    this.go(...target);
    if (event.shiftKey && isVertical && this.active.line >= 0) {
      this.host.choose(this.active.line, "extend");
    }
    return true;
  }

  private acted(event: KeyboardEvent, cell: HTMLElement): boolean {
    const { line, column } = this.active;
    const far = event.ctrlKey || event.metaKey;
    if (far && event.key.toLowerCase() === "a") this.host.chooseAll();
    else if (event.key === "Escape") this.host.clear();
    else if (line === HEADS) return column === "" && event.key === " " && this.chooseAll();
    else if (event.key === " ") this.host.choose(line, event.shiftKey ? "extend" : "toggle");
    else if (event.key === "Enter") this.host.open(line);
    else if (event.key === "F2" && cell.dataset.editable) this.host.edit(line, column, cell);
    else if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
      const { left, bottom } = cell.getBoundingClientRect();
      this.host.menuOf(line, { x: left + 8, y: bottom });
    } else return false;
    return true;
  }

  private chooseAll(): true {
    this.host.chooseAll();
    return true;
  }

  /** Where somebody pressed: also beside the last column; null in a field. */
  private placeOf({ target }: MouseEvent): { line: number; cell: HTMLElement } | null {
    const line = target instanceof Element ? lineOf(target) : null;
    const cell = cellOf(target) ?? (line === null ? undefined : this.cell(line, ""));
    if (line === null || !cell || cell.dataset.editing !== undefined) return null;
    return { line, cell };
  }

  private clicked(event: MouseEvent): void {
    const place = this.placeOf(event);
    if (!place) return;
    const { line, cell } = place;
    const isGroup = this.lines.get(line)?.element.dataset.kind === "group";
    const isBox = event.target instanceof HTMLInputElement || cell === event.target;
    const far = event.ctrlKey || event.metaKey;
    const isOpened = isGroup || (event.target as Element).closest(".nbt-rt-open") !== null;
    if (isOpened && !event.shiftKey && !far) this.host.open(line);
    else if (event.shiftKey) this.host.choose(line, "extend");
    else if (far || (isBox && cell.dataset.column === "")) this.host.choose(line, "toggle");
    cell.focus({ preventScroll: true });
  }

  private doubled(event: MouseEvent): void {
    const { line, cell } = this.placeOf(event) ?? {};
    if (line === undefined || !cell || cell.dataset.column === "") return;
    const { column, editable } = cell.dataset;
    if (editable && column) this.host.edit(line, column, cell);
    else if (this.lines.get(line)?.element.dataset.kind === "run") this.host.open(line);
  }

  private pointed(event: MouseEvent): void {
    const place = this.placeOf(event);
    if (!place) return;
    event.preventDefault();
    event.stopPropagation();
    place.cell.focus({ preventScroll: true });
    this.host.menuOf(place.line, { x: event.clientX, y: event.clientY });
  }
}

function cellOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-column]") : null;
}

function lineOf(element: Element): number | null {
  const line = element.closest<HTMLElement>("[data-line]")?.dataset.line;
  return line === undefined ? null : Number(line);
}
