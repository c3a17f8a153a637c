/** The heads of the columns: sorted by a click, moved and widened by dragging and by keys. */
import { h } from "../../panels/dom";
import { icon } from "../../panels/icons";
import type { Column } from "./columns";
import { BOX_PX, HEADS_PX, type Placed } from "./placing";

export interface HeadEvents {
  sort(column: Column, further: boolean): void;
  /** Moves a column before another one, or to the end for null. */
  move(column: Column, before: string | null): void;
  widen(column: Column, width: number, isDone: boolean): void;
  menu(column: Column, at: HTMLElement): void;
  chooseAll(): void;
}

const STEP_PX = 16;
const DRAGGED = "application/x-nbtrack-column";

export class Heads {
  readonly element = h("div", { class: "nbt-rt-heads", role: "row", "aria-rowindex": "1" });
  readonly cells = new Map<string, HTMLElement>();
  private readonly all = h("input", {
    ...{ type: "checkbox", tabindex: -1, "aria-label": "Choose all runs that match" },
    title: "Choose all runs that match",
  });
  private placed: readonly Placed[] = [];
  private dragged: Column | null = null;

  constructor(private readonly events: HeadEvents) {
    this.element.style.height = `${HEADS_PX}px`;
    this.all.addEventListener("click", (event) => {
      event.preventDefault();
      events.chooseAll();
    });
  }

  show(
    placed: readonly Placed[],
    width: number,
    order: readonly string[],
    chosen: "all" | "some" | "none",
  ): void {
    this.placed = placed;
    this.element.style.width = `${width}px`;
    this.all.checked = chosen === "all";
    this.all.indeterminate = chosen === "some";
    const cells = [this.box(), ...placed.map((one) => this.cell(one, order))];
    const wanted = new Set<Node>(cells);
    for (const [id, cell] of this.cells) {
      if (wanted.has(cell) || cell.contains(document.activeElement)) continue;
      cell.remove();
      this.cells.delete(id);
    }
    for (const cell of cells) if (!cell.isConnected) this.element.append(cell);
  }

  private box(): HTMLElement {
    let box = this.cells.get("");
    if (!box) {
      box = h(
        "div",
        { class: "nbt-rt-head-cell nbt-rt-pinned nbt-rt-box", role: "columnheader", tabindex: -1 },
        this.all,
      );
      box.dataset.column = "";
      box.setAttribute("aria-colindex", "1");
      box.style.left = "0";
      box.style.width = `${BOX_PX}px`;
      this.cells.set("", box);
    }
    return box;
  }

  private cell(placed: Placed, order: readonly string[]): HTMLElement {
    const { column, x, width, isPinned, number } = placed;
    const cell = this.cells.get(column.id) ?? this.newCell(column);
    cell.style.left = `${x}px`;
    cell.style.width = `${width}px`;
    cell.style.order = String(number);
    cell.classList.toggle("nbt-rt-pinned", isPinned);
    cell.classList.toggle("nbt-rt-right", column.isNumber);
    cell.setAttribute("aria-colindex", String(number));
    const at = order.findIndex((one) => one.slice(1) === column.id);
    const descends = order[at]?.startsWith("-") ?? false;
    cell.setAttribute("aria-sort", at < 0 ? "none" : descends ? "descending" : "ascending");
    const sign = cell.querySelector(".nbt-rt-head-sort");
    const drawn = `${at}${descends}${order.length}`;
    if (sign instanceof HTMLElement && sign.dataset.drawn !== drawn) {
      sign.dataset.drawn = drawn;
      const rank =
        at >= 0 && order.length > 1 ? [h("span", { "aria-hidden": true }, String(at + 1))] : [];
      sign.replaceChildren(...(at < 0 ? [] : [icon(descends ? "down" : "up"), ...rank]));
    }
    return cell;
  }

  private newCell(column: Column): HTMLElement {
    const grip = h("span", { class: "nbt-rt-head-grip", "aria-hidden": true });
    const label = h("span", { class: "nbt-rt-head-label" }, column.label);
    const cell = h(
      "div",
      { class: "nbt-rt-head-cell", role: "columnheader", tabindex: -1, draggable: "true" },
      label,
      h("span", { class: "nbt-rt-head-sort" }),
      grip,
    );
    cell.dataset.column = column.id;
    cell.title = titleOf(column);
    cell.addEventListener("click", (event) => {
      if (event.target !== grip && column.isSortable) this.events.sort(column, event.shiftKey);
    });
    cell.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.events.menu(column, cell);
    });
    cell.addEventListener("keydown", (event) => this.keyed(event, column, cell));
    this.letDrag(cell, column);
    this.letWiden(grip, column);
    this.cells.set(column.id, cell);
    return cell;
  }

  /** Enter sorts, with Alt the arrows move the column, with Ctrl they make it wider. */
  private keyed(event: KeyboardEvent, column: Column, cell: HTMLElement): void {
    const side = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (event.key === "Enter" || event.key === " ") {
      if (column.isSortable) this.events.sort(column, event.shiftKey);
    } else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      this.events.menu(column, cell);
    } else if (side !== 0 && event.altKey) {
      this.shift(column, side);
    } else if (side !== 0 && (event.ctrlKey || event.metaKey)) {
      this.events.widen(column, cell.offsetWidth + side * STEP_PX, true);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private shift(column: Column, side: -1 | 1): void {
    const at = this.placed.findIndex((one) => one.column.id === column.id);
    const other = this.placed[at + (side < 0 ? -1 : 2)];
    if (side < 0 && at === 0) return;
    this.events.move(column, other?.column.id ?? null);
  }

  private letDrag(cell: HTMLElement, column: Column): void {
    cell.addEventListener("dragstart", (event) => {
      this.dragged = column;
      event.dataTransfer?.setData(DRAGGED, column.id);
      if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
    });
    cell.addEventListener("dragend", () => {
      this.dragged = null;
      this.mark(null);
    });
    cell.addEventListener("dragover", (event) => {
      if (!this.dragged || this.dragged === column) return;
      event.preventDefault();
      this.mark(cell, isBehind(event, cell));
    });
    cell.addEventListener("drop", (event) => {
      const { dragged } = this;
      if (!dragged || dragged === column) return;
      event.preventDefault();
      const at = this.placed.findIndex((one) => one.column.id === column.id);
      const before = isBehind(event, cell) ? this.placed[at + 1]?.column.id : column.id;
      this.mark(null);
      this.events.move(dragged, before ?? null);
    });
  }

  private mark(cell: HTMLElement | null, behind = false): void {
    for (const one of this.cells.values()) delete one.dataset.drop;
    if (cell) cell.dataset.drop = behind ? "behind" : "before";
  }

  private letWiden(grip: HTMLElement, column: Column): void {
    grip.addEventListener("pointerdown", (event) => {
      const cell = grip.parentElement;
      if (!cell || event.button !== 0) return;
      event.preventDefault();
      event.stopPropagation();
      const [from, width] = [event.clientX, cell.offsetWidth];
      const to = (at: PointerEvent) => width + at.clientX - from;
      grip.setPointerCapture(event.pointerId);
      const move = (at: PointerEvent) => this.events.widen(column, to(at), false);
      const end = (at: PointerEvent) => {
        grip.removeEventListener("pointermove", move);
        this.events.widen(column, to(at), true);
      };
      grip.addEventListener("pointermove", move);
      grip.addEventListener("pointerup", end, { once: true });
    });
    // What follows a press on the grip is no click on the head, and no drag of the column.
    grip.addEventListener("click", (event) => event.stopPropagation());
    grip.addEventListener("dblclick", () => this.events.widen(column, column.width, true));
    grip.draggable = true;
    grip.addEventListener("dragstart", (event) => {
      event.preventDefault();
      event.stopPropagation();
    });
  }
}

function titleOf(column: Column): string {
  const sort = column.isSortable ? "\nClick to sort, Shift+click to sort by it among equals" : "";
  return `${column.id}${sort}\nDrag to move; Alt+arrows move it, Ctrl+arrows make it wider`;
}

function isBehind(event: DragEvent, cell: HTMLElement): boolean {
  const { left, width } = cell.getBoundingClientRect();
  return event.clientX > left + width / 2;
}
