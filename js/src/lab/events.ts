/**
 * What happened to runs since the page was opened, told once each. Knows nothing of
 * JupyterLab, and no clock: what the server said first is what was there before.
 */
import type { RunRow } from "../protocol";

export type EventKind = "finished" | "failed" | "crashed" | "preempted" | "alert";

export interface RunEvent {
  readonly kind: EventKind;
  readonly run: RunRow;
  /** Title of an alert, where it is known which one. */
  readonly title: string;
}

/** A run whose kernel was killed ended before anybody noticed, by so much at most. */
const NOTICED_S = 120;
const KINDS: ReadonlySet<string> = new Set(["finished", "failed", "crashed", "preempted"]);

/** Runs that have ended, the newest first, a few of them. */
export class Endings {
  private told = new Set<string>();
  private since: number | null = null;

  /** Returns what is new; nothing of what the first list says. Whoever was stopped knows it. */
  take(runs: readonly RunRow[]): RunEvent[] {
    const fresh = this.since === null ? [] : runs.filter((run) => this.isFresh(run));
    this.since ??= Math.max(0, ...runs.map(endOf)) - NOTICED_S;
    // A run that was resumed leaves the list: how it ends then is told anew.
    this.told = new Set(runs.map(keyOf));
    return fresh.flatMap((run) =>
      KINDS.has(run.state) ? [{ kind: run.state as EventKind, run, title: "" }] : [],
    );
  }

  private isFresh(run: RunRow): boolean {
    return !this.told.has(keyOf(run)) && endOf(run) >= (this.since ?? 0);
  }
}

interface Heard {
  readonly count: number;
  readonly title: string;
}

/** Alerts of runs, by how many there were. */
export class Alerts {
  private readonly heard = new Map<string, Heard>();
  private begun = false;

  take(runs: readonly RunRow[]): RunEvent[] {
    const events = runs.flatMap((run) => this.look(run));
    this.begun = true;
    return events;
  }

  private look(run: RunRow): RunEvent[] {
    const count = Number(run.values?.alerts ?? 0);
    const title = String(run.values?.alert ?? "");
    const before = this.heard.get(keyOf(run)) ?? { count: this.begun ? 0 : count, title: "" };
    this.heard.set(keyOf(run), { count, title });
    if (count <= before.count) return [];
    // One that came again is not the newest of those with names.
    return [{ kind: "alert", run, title: title === before.title && count > 1 ? "" : title }];
  }
}

function keyOf({ workspace, uid }: RunRow): string {
  return `${workspace}/${uid}`;
}

function endOf({ ended, seen }: RunRow): number {
  return ended ?? seen;
}
