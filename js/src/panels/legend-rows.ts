/** Names of lines in rows, as a picture of a chart has them above it. */

/** One name with the line before it. */
export interface LegendItem {
  readonly label: string;
  readonly color: string;
  readonly dash: readonly number[];
}

export interface PlacedItem extends LegendItem {
  /** From the left edge, and of which row. */
  readonly left: number;
  readonly row: number;
}

/** Of the line before a name, and the room after it. */
export const MARK_PX = 16;
const GAP_PX = 5;
const APART_PX = 14;
/** A picture is of a chart, not of its legend. */
const MOST_ROWS = 4;

/**
 * Places names one after the other, in at most four rows of some width. What has no room is
 * counted in the last place: a picture must not pass for one of fewer lines.
 *
 * @param measure width of a text.
 */
export function legendRows(
  items: readonly LegendItem[],
  width: number,
  measure: (text: string) => number,
): PlacedItem[] {
  const placed: PlacedItem[] = [];
  let [left, row] = [0, 0];
  for (const [i, item] of items.entries()) {
    const wide = MARK_PX + GAP_PX + measure(item.label) + APART_PX;
    if (left > 0 && left + wide > width) [left, row] = [0, row + 1];
    if (row === MOST_ROWS) return [...placed.slice(0, -1), more(items.length - i + 1, placed)];
    placed.push({ ...item, left, row });
    left += wide;
  }
  return placed;
}

function more(count: number, placed: readonly PlacedItem[]): PlacedItem {
  const { left = 0, row = 0 } = placed.at(-1) ?? {};
  return { label: `and ${count} more`, color: "transparent", dash: [], left, row };
}

/** Where a name begins behind its mark. */
export function nameAt({ left }: PlacedItem): number {
  return left + MARK_PX + GAP_PX;
}
