/** The page of runs that the server sent, and where on the screen its rows belong. */

import { formatAge, formatDuration } from "../../chart/format";
import { goesOn } from "../../data/states";
import type { RunGroup, RunPage, RunRow } from "../../protocol";
import { keyOf } from "../table/selection";

export const HEADER_PX = 28;
export const ROW_PX = 46;

/** A group as it lies on the screen. */
export interface Section {
  readonly group: RunGroup;
  readonly folded: boolean;
  /** Pixels from the beginning of the list. */
  readonly top: number;
  readonly height: number;
  /** How many runs of groups that are not folded come before its first. */
  readonly first: number;
}

export class Page {
  private readonly rows = new Map<string, RunRow>();
  private last: RunPage | null = null;

  /** Takes in what the server sent. */
  apply(page: RunPage): void {
    if (page.full) this.rows.clear();
    for (const run of page.runs) this.rows.set(keyOf(run), run);
    const there = new Set(page.order);
    for (const key of this.rows.keys()) if (!there.has(key)) this.rows.delete(key);
    this.last = page;
  }

  /** What was told of all runs; null before anything was. */
  get head(): RunPage | null {
    return this.last;
  }

  /** The run at a place among all runs of groups that are not folded. */
  at(place: number): RunRow | undefined {
    const key = this.last?.order[place - this.last.offset];
    return key === undefined ? undefined : this.rows.get(key);
  }

  /** The place of a run, -1 where it is not on this page. */
  placeOf(key: string): number {
    const index = this.last?.order.indexOf(key) ?? -1;
    return index < 0 ? -1 : index + (this.last?.offset ?? 0);
  }

  sections(folded: ReadonlySet<string>): Section[] {
    let [top, first] = [0, 0];
    return (this.last?.groups ?? []).map((group) => {
      const count = folded.has(group.name) ? 0 : group.count;
      const height = HEADER_PX + count * ROW_PX;
      const section = { group, folded: folded.has(group.name), top, height, first };
      top += height;
      first += count;
      return section;
    });
  }
}

/** How long an open run has been active or idle; of an ended one also when that was. */
export function timesText(run: RunRow, now: number): string {
  const active = formatDuration(run.active);
  if (!goesOn(run)) return `${formatAge(now - (run.ended ?? run.seen))} · ${active}`;
  if (run.ticking) return formatDuration(run.active + Math.max(0, now - run.seen));
  return run.idle === null ? active : `${formatDuration(Math.max(0, now - run.idle))} · ${active}`;
}
