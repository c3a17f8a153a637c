/** The list of runs as the sidebar has it: kept by uid, searched, grouped by project. */
import { formatAge, formatDuration } from "../chart/format";
import { matcher } from "../panels/dom";
import type { RunList, RunRow } from "../protocol";

/** Runs in these states may still change. */
const OPEN: ReadonlySet<string> = new Set(["pending", "running", "preempting"]);

export interface Group {
  readonly project: string;
  /** Newest first. */
  readonly runs: readonly RunRow[];
}

export function isOpen(run: { readonly state: string }): boolean {
  return OPEN.has(run.state);
}

export class Runs {
  private readonly byUid = new Map<string, RunRow>();

  /** Takes in what the server sent. */
  apply(list: RunList): void {
    if (list.full) this.byUid.clear();
    for (const uid of list.removed) this.byUid.delete(uid);
    for (const run of list.runs) this.byUid.set(run.uid, run);
  }

  get size(): number {
    return this.byUid.size;
  }

  get openCount(): number {
    let count = 0;
    for (const run of this.byUid.values()) if (isOpen(run)) count++;
    return count;
  }

  /** The runs that match, in groups; the group with the newest run comes first. */
  groups(search: string): Group[] {
    const pattern = matcher(search.trim());
    const matches = (run: RunRow) =>
      pattern === null || pattern.test(run.name) || pattern.test(run.project);
    const newest = [...this.byUid.values()].filter(matches).sort(newestFirst);
    const groups = new Map<string, RunRow[]>();
    for (const run of newest) {
      const group = groups.get(run.project);
      if (group) group.push(run);
      else groups.set(run.project, [run]);
    }
    return Array.from(groups, ([project, runs]) => ({ project, runs }));
  }
}

function newestFirst(a: RunRow, b: RunRow): number {
  return b.started - a.started || (a.uid < b.uid ? 1 : -1);
}

/** How long an open run has been active; of an ended one also when that was. */
export function timesText(run: RunRow, now: number): string {
  const active = formatDuration(run.active);
  if (!isOpen(run)) return `${formatAge(now - (run.ended ?? run.seen))} · ${active}`;
  if (run.ticking) return formatDuration(run.active + Math.max(0, now - run.seen));
  return `${active} · idle`;
}
