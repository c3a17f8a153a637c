/**
 * What happened to runs while the page was open, told once each. Knows nothing of JupyterLab,
 * and no clock.
 */
import type { RunRow } from "../protocol";
import { keyOf } from "./table/selection";

export type EventKind = "finished" | "failed" | "crashed" | "preempted" | "alert";

export interface RunEvent {
  readonly kind: EventKind;
  readonly run: RunRow;
  /** Title of an alert, where it is known which one. */
  readonly title: string;
}

const KINDS: ReadonlySet<string> = new Set(["finished", "failed", "crashed", "preempted"]);

/** Ends of runs that were seen going on: one that was only restored, say, has not ended now. */
export class Endings {
  private readonly going = new Set<string>();

  /** Notes runs that go on. */
  see(runs: readonly RunRow[]): void {
    for (const run of runs) this.going.add(keyOf(run));
  }

  /** Returns, of runs that have ended, what is new. Whoever was stopped knows it. */
  take(runs: readonly RunRow[]): RunEvent[] {
    // One that is resumed is seen again: how it ends then is told anew.
    const fresh = runs.filter((run) => this.going.delete(keyOf(run)));
    return fresh.flatMap((run) =>
      KINDS.has(run.state) ? [{ kind: run.state as EventKind, run, title: "" }] : [],
    );
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
