/** One line of the grid: a run, the head of a group, or a run that is on its way. */
import { formatCount } from "../../chart/format";
import { h, setText } from "../../panels/dom";
import { icon } from "../../panels/icons";
import type { RunGroup, RunRow, Statistic } from "../../protocol";
import { fillCell, tickCell } from "./cells";
import type { Placed } from "./placing";
import { BOX_PX, ROW_PX } from "./placing";
import { meanText, meanTip } from "./statistics";

/** What a line shows. */
export type Shown =
  | {
      readonly kind: "run";
      readonly run: RunRow;
      readonly isChosen: boolean;
      readonly color: string | undefined;
    }
  | {
      readonly kind: "group";
      readonly group: RunGroup;
      readonly open: boolean;
      /** By the id of a column. */
      readonly statistics: ReadonlyMap<string, Statistic> | undefined;
      readonly field: string;
    }
  | { readonly kind: "waiting" };

export class Line {
  readonly element = h("div", { class: "nbt-rt-line", role: "row" });
  readonly cells = new Map<string, HTMLElement>();
  private shown: Shown | null = null;
  private placed: readonly Placed[] = [];

  constructor(readonly index: number) {
    this.element.style.top = `${index * ROW_PX}px`;
    // The heads stand in the first row.
    this.element.setAttribute("aria-rowindex", String(index + 2));
    this.element.dataset.line = String(index);
  }

  /** Draws what is another one than before. */
  show(shown: Shown, placed: readonly Placed[], width: number, now: number): void {
    this.element.style.width = `${width}px`;
    const before = this.shown;
    const sameColumns = this.placed === placed;
    if (sameColumns && before && isSame(before, shown)) return;
    this.shown = shown;
    this.placed = placed;
    this.element.setAttribute("aria-selected", String(shown.kind === "run" && shown.isChosen));
    this.arrange(placed, this.element.dataset.kind !== shown.kind || this.cells.size === 0);
    this.element.dataset.kind = shown.kind;
    this.fillBox(shown);
    for (const one of placed) {
      const cell = this.cells.get(one.column.id);
      if (cell && cell.dataset.editing === undefined) this.fill(cell, one, shown, now);
    }
  }

  /** What is shown next is drawn, also where it is the same. */
  forget(): void {
    this.shown = null;
  }

  tick(now: number): void {
    const { shown } = this;
    if (shown?.kind !== "run") return;
    for (const { column } of this.placed) {
      const cell = this.cells.get(column.id);
      if (cell) tickCell(cell, shown.run, column, now);
    }
  }

  /** Puts cells for these columns into the line, and takes out the others. */
  private arrange(placed: readonly Placed[], anew: boolean): void {
    if (anew) {
      this.cells.clear();
      this.element.replaceChildren(this.box());
    }
    const wanted = new Set(["", ...placed.map(({ column }) => column.id)]);
    for (const [id, cell] of this.cells) {
      const isUsed = cell.dataset.editing !== undefined || cell.contains(document.activeElement);
      if (wanted.has(id) || isUsed) continue;
      cell.remove();
      this.cells.delete(id);
    }
    for (const one of placed) this.place(one);
  }

  private place({ column, x, width, isPinned, number }: Placed): void {
    let cell = this.cells.get(column.id);
    if (!cell) {
      cell = h("div", { class: "nbt-rt-cell", role: "gridcell", tabindex: -1 });
      cell.dataset.column = column.id;
      this.cells.set(column.id, cell);
      this.element.append(cell);
    }
    cell.setAttribute("aria-colindex", String(number));
    cell.classList.toggle("nbt-rt-pinned", isPinned);
    cell.style.left = `${x}px`;
    cell.style.width = `${width}px`;
    cell.style.order = String(number);
  }

  private box(): HTMLElement {
    const box = h("div", {
      class: "nbt-rt-cell nbt-rt-pinned nbt-rt-box",
      role: "gridcell",
      tabindex: -1,
    });
    box.setAttribute("aria-colindex", "1");
    box.dataset.column = "";
    box.style.left = "0";
    box.style.width = `${BOX_PX}px`;
    this.cells.set("", box);
    return box;
  }

  private fillBox(shown: Shown): void {
    const box = this.cells.get("");
    if (!box) return;
    if (shown.kind === "group") box.replaceChildren(icon("chevron"));
    if (shown.kind === "group") box.dataset.open = String(shown.open);
    if (shown.kind !== "run") return;
    const name = shown.run.name || shown.run.id;
    let input = box.querySelector("input");
    if (!input) {
      input = h("input", { type: "checkbox", tabindex: -1 });
      box.replaceChildren(input);
    }
    input.checked = shown.isChosen;
    input.setAttribute("aria-label", `Choose ${name}`);
  }

  private fill(cell: HTMLElement, placed: Placed, shown: Shown, now: number): void {
    const { column } = placed;
    if (shown.kind === "waiting") {
      cell.replaceChildren(h("span", { class: "nbt-rt-waiting" }));
    } else if (shown.kind === "group") {
      this.fillGroup(cell, placed, shown);
    } else if (column.kind === "name") {
      this.fillName(cell, shown);
    } else {
      fillCell(cell, shown.run, column, now);
    }
    cell.dataset.editable =
      shown.kind === "run" && column.editable !== undefined ? column.editable : "";
  }

  private fillName(cell: HTMLElement, { run, color }: Extract<Shown, { kind: "run" }>): void {
    const name = run.name || run.id;
    const dot = h("span", { class: "nbt-rt-dot" });
    if (color !== undefined) dot.style.background = color;
    const link = h("button", { type: "button", class: "nbt-rt-open", tabindex: -1 }, name);
    cell.replaceChildren(...(color === undefined ? [] : [dot]), link);
    cell.title = name;
  }

  private fillGroup(
    cell: HTMLElement,
    { column }: Placed,
    { group, statistics, field }: Extract<Shown, { kind: "group" }>,
  ): void {
    const isFirst = column.id === this.placed[0]?.column.id;
    cell.title = "";
    if (isFirst) {
      const open = group.open > 0 ? `, ${formatCount(group.open)} open` : "";
      const count = `${formatCount(group.count)} ${group.count === 1 ? "run" : "runs"}${open}`;
      cell.replaceChildren(
        h("span", { class: "nbt-rt-group-name" }, `${field} ${group.name}`),
        h("span", { class: "nbt-rt-group-count" }, count),
      );
      cell.classList.remove("nbt-rt-right");
      return;
    }
    const statistic = statistics?.get(column.id);
    cell.classList.add("nbt-rt-right");
    setText(cell, statistic ? meanText(statistic, column) : "");
    if (statistic) cell.title = meanTip(statistic, column);
  }
}

function isSame(one: Shown, other: Shown): boolean {
  if (one.kind === "run" && other.kind === "run") {
    return one.run === other.run && one.isChosen === other.isChosen && one.color === other.color;
  }
  if (one.kind === "group" && other.kind === "group") {
    return (
      one.group === other.group && one.open === other.open && one.statistics === other.statistics
    );
  }
  return one.kind === "waiting" && other.kind === "waiting";
}
