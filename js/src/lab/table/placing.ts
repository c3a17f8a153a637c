/** Where columns and lines stand, and which of them can be seen. */
import type { Column } from "./columns";

export const ROW_PX = 28;
/** The heads of the columns, which stay at the top. */
export const HEADS_PX = ROW_PX + 2;
const HEADS_LINE_PX = 1;
/** The column of boxes that choose runs. */
export const BOX_PX = 36;
/** Lines beyond the edges that are drawn, too: a turn of the wheel finds them there. */
const OVER = 12;

export interface Placed {
  readonly column: Column;
  readonly x: number;
  readonly width: number;
  readonly isPinned: boolean;
  /** Its number for screen readers; the boxes have 1. */
  readonly number: number;
}

export interface Placing {
  readonly columns: readonly Placed[];
  readonly width: number;
  /** Width of what stays when the others are scrolled. */
  readonly pinnedWidth: number;
}

export function placingOf(
  columns: readonly Column[],
  widths: ReadonlyMap<string, number>,
  pinned: ReadonlySet<string>,
): Placing {
  let x = BOX_PX;
  let pinnedWidth = BOX_PX;
  const placed = columns.map((column, index) => {
    const width = widths.get(column.id) ?? column.width;
    const isPinned = pinned.has(column.id);
    const one = { column, x, width, isPinned, number: index + 2 };
    x += width;
    if (isPinned) pinnedWidth = x;
    return one;
  });
  return { columns: placed, width: x, pinnedWidth };
}

/** The columns that stand in a window, and those that are pinned. */
export function columnsIn(
  { columns, pinnedWidth }: Placing,
  left: number,
  width: number,
): readonly Placed[] {
  const [low, high] = [left + pinnedWidth, left + width];
  return columns.filter((one) => one.isPinned || (one.x + one.width > low && one.x < high));
}

/** The lines that are drawn: from `first` up to but without `end`. */
export function linesIn(
  top: number,
  height: number,
  count: number,
): { readonly first: number; readonly end: number } {
  const first = Math.max(0, Math.floor(top / ROW_PX) - OVER);
  const end = Math.min(count, Math.ceil((top + height) / ROW_PX) + OVER);
  return { first: Math.min(first, end), end };
}

/** How far the table is to be scrolled so that a line is seen whole, between heads and edge. */
export function scrolledTo(line: number, scrollTop: number, height: number): number {
  const top = line * ROW_PX;
  const room = height - HEADS_PX - HEADS_LINE_PX - ROW_PX;
  return Math.min(top, Math.max(scrollTop, top - room));
}
