/** Which line of the console a key leads to. */

/** How the list of lines stands, in rows. */
export interface LogStand {
  /** The row that the keyboard is at; null before its first key. */
  readonly at: number | null;
  /** The first row that can be seen, and how many can. */
  readonly first: number;
  readonly rows: number;
  readonly length: number;
}

/**
 * Arrows go from row to row, Page Up and Page Down by what can be seen, Home and End to the
 * ends. The first of them begins at the newest row in sight.
 *
 * @returns the row; null for any other key, and where there is none.
 */
export function steppedTo(key: string, { at, first, rows, length }: LogStand): number | null {
  if (length === 0) return null;
  const page = Math.max(1, rows - 1);
  const by: Readonly<Record<string, number>> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -page,
    PageDown: page,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  };
  const step = by[key];
  if (step === undefined) return null;
  const to = at === null && Math.abs(step) === 1 ? first + rows - 1 : (at ?? first) + step;
  return Math.max(0, Math.min(length - 1, to));
}
