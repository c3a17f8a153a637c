/** Which line of the grid is what: a group's head, or a run by its place among those shown. */
import type { RunGroup } from "../../protocol";

export type Item =
  | { readonly kind: "run"; readonly offset: number }
  | { readonly kind: "group"; readonly group: RunGroup; readonly open: boolean };

interface Stretch {
  readonly group: RunGroup;
  readonly open: boolean;
  /** Line of the head. */
  readonly line: number;
  /** Place of the first run of the group among those shown. */
  readonly offset: number;
}

export class Items {
  readonly length: number;
  private readonly stretches: readonly Stretch[];

  /**
   * @param matching runs that there are without groups.
   * @param groups null where nothing is grouped.
   * @param opened names of the groups whose runs are shown.
   */
  constructor(
    matching: number,
    groups: readonly RunGroup[] | null,
    opened: ReadonlySet<string> = new Set(),
  ) {
    const stretches: Stretch[] = [];
    let [line, offset] = [0, 0];
    for (const group of groups ?? []) {
      const open = opened.has(group.name);
      stretches.push({ group, open, line, offset });
      line += open ? group.count + 1 : 1;
      offset += open ? group.count : 0;
    }
    this.stretches = stretches;
    this.length = groups === null ? matching : line;
  }

  at(line: number): Item | undefined {
    if (line < 0 || line >= this.length) return undefined;
    const stretch = this.stretchAt(line);
    if (!stretch) return { kind: "run", offset: line };
    if (line === stretch.line) return { kind: "group", group: stretch.group, open: stretch.open };
    return { kind: "run", offset: stretch.offset + line - stretch.line - 1 };
  }

  /** The first and the last run among some lines, as places; null where there are none. */
  runsBetween(first: number, last: number): { readonly low: number; readonly high: number } | null {
    let [low, high] = [Number.POSITIVE_INFINITY, -1];
    for (let line = first; line <= last; line++) {
      const item = this.at(line);
      if (item?.kind !== "run") continue;
      low = Math.min(low, item.offset);
      high = Math.max(high, item.offset);
    }
    return high < 0 ? null : { low, high };
  }

  private stretchAt(line: number): Stretch | undefined {
    let [low, high] = [0, this.stretches.length - 1];
    let found: Stretch | undefined;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const stretch = this.stretches[middle] as Stretch;
      if (stretch.line <= line) {
        found = stretch;
        low = middle + 1;
      } else high = middle - 1;
    }
    return found;
  }
}
