/** Which columns the table has and where they stand, and everything that changes it. */
import type { MenuItem } from "../../panels/menu";
import type { KnownField } from "../../protocol";
import { trans } from "../translation";
import { type Column, columnOf } from "./columns";
import { clampedWidth, type Look, moved, pinnedFirst, turned } from "./look";
import { type Placing, placingOf } from "./placing";

export interface ColumnEvents {
  /** Columns came, went or changed their places. */
  changed(): void;
  /** They stand elsewhere; `isDone` when somebody lets go of them. */
  placed(isDone: boolean): void;
  sorted(): void;
  grouped(field: string): void;
}

/** What a newcomer sees of the values of runs. */
const FIRST_VALUES = { config: 4, summary: 3 } as const;

export class ColumnSet {
  /** What runs have in their configs and summaries. */
  fields: readonly KnownField[] = [];
  /** Columns in which most runs have a number. */
  private numbers: ReadonlySet<string> = new Set();

  constructor(
    private readonly look: Look,
    private readonly events: ColumnEvents,
  ) {}

  list(): Column[] {
    return this.look.columns.flatMap((id) => {
      const column = columnOf(id);
      if (!column) return [];
      return this.numbers.has(id) ? { ...column, isNumber: true } : column;
    });
  }

  placing(): Placing {
    return placingOf(this.list(), this.look.widths, this.look.pinned);
  }

  /** Takes what the server knows of the runs; until somebody chooses, it makes columns. */
  take(fields: readonly KnownField[]): void {
    const numbers = fields.filter(({ kind }) => kind === "number").map(({ name }) => name);
    this.fields = fields;
    this.numbers = new Set(numbers);
    if (this.look.chosen || !this.addUsualValues()) this.events.placed(false);
  }

  sort(column: Column, further: boolean): void {
    this.look.order = turned(this.look.order, column.id, further);
    this.events.sorted();
  }

  /** Among the pinned ones it is pinned from then on, among the others it is not. */
  move({ id }: Column, before: string | null): void {
    const { look } = this;
    const next = look.columns[look.columns.indexOf(id) + 1] ?? null;
    if (before !== null && look.pinned.has(before)) look.pinned.add(id);
    else if (before !== next) look.pinned.delete(id);
    look.columns = moved(look, id, before);
    this.choose();
  }

  widen({ id }: Column, width: number, isDone: boolean): void {
    this.look.widths.set(id, clampedWidth(width));
    this.events.placed(isDone);
  }

  /** Somebody chose columns. */
  choose(): void {
    const { look } = this;
    look.chosen = true;
    look.columns = pinnedFirst(look.columns, look.pinned);
    this.events.changed();
  }

  /** The rows of a column's menu. */
  menu(column: Column): MenuItem[] {
    const { id, isSortable } = column;
    const sort = (word: string, sign: string): MenuItem => ({
      word,
      act: () => {
        this.look.order = [sign + id];
        this.events.sorted();
      },
    });
    const sorts = [sort(trans.__("Least first"), "+"), sort(trans.__("Greatest first"), "-")];
    const on = this.look.pinned.has(id);
    return [
      ...(isSortable ? sorts : []),
      { word: trans.__("Pinned to the left"), on, apart: isSortable, act: () => this.pin(id, !on) },
      ...(isSortable
        ? [{ word: trans.__("Group by it"), act: () => this.events.grouped(id) }]
        : []),
      { word: trans.__("Hide"), apart: true, act: () => this.hide(id) },
    ];
  }

  private pin(id: string, on: boolean): void {
    if (on) this.look.pinned.add(id);
    else this.look.pinned.delete(id);
    this.choose();
  }

  private hide(id: string): void {
    this.look.columns = this.look.columns.filter((one) => one !== id);
    this.choose();
  }

  private addUsualValues(): boolean {
    const { look } = this;
    const of = (tree: "config" | "summary") =>
      this.fields
        .filter(({ name }) => name.startsWith(`${tree}.`) && !name.startsWith(`${tree}._`))
        .slice(0, FIRST_VALUES[tree])
        .map(({ name }) => name);
    const added = [...of("summary"), ...of("config")].filter((id) => !look.columns.includes(id));
    if (added.length === 0) return false;
    look.columns = pinnedFirst([...look.columns, ...added], look.pinned);
    this.events.changed();
    return true;
  }
}
