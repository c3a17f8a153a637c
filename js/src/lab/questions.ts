/** What is asked before something is done to runs, and what is said afterwards. */
import type { Act } from "../protocol";
import type { Result } from "./acting";
import { trans } from "./translation";

export interface Question {
  readonly title: string;
  readonly body: string;
  readonly yes: string;
  readonly no: string;
  /** Whether it is something that somebody may regret. */
  readonly isDangerous: boolean;
}

export function questionOf(action: "finish" | "stop" | "trash", count: number): Question {
  if (action === "finish") {
    return {
      title: trans._n("Finish %1 run?", "Finish %1 runs?", count),
      body: trans.__(
        "Those in which nothing goes on end as finished; their kernels stay, and cannot log to them any more. All others stay as they are.",
      ),
      ...{ yes: trans.__("Finish"), no: trans.__("Keep open"), isDangerous: false },
    };
  }
  if (action === "stop") {
    return {
      title: trans._n("Stop %1 run?", "Stop %1 runs?", count),
      body: trans.__(
        "Their cells are interrupted, their kernels stay. Those that have ended stay as they are.",
      ),
      ...{ yes: trans.__("Stop"), no: trans.__("Keep running"), isDangerous: true },
    };
  }
  return {
    title: trans._n("Move %1 run to the trash?", "Move %1 runs to the trash?", count),
    body: trans.__("They can be restored from there until they are deleted for good."),
    ...{ yes: trans.__("Move to trash"), no: trans.__("Keep"), isDangerous: true },
  };
}

/** What was done to so many runs. */
export function doneWords(action: Act["action"], count: number): string {
  const words: Partial<Record<Act["action"], string>> = {
    tag: trans._n("%1 run is tagged.", "%1 runs are tagged.", count),
    finish: trans._n("%1 run is asked to finish.", "%1 runs are asked to finish.", count),
    stop: trans._n("%1 run is asked to stop.", "%1 runs are asked to stop.", count),
    trash: trans._n("%1 run is in the trash.", "%1 runs are in the trash.", count),
    restore: trans._n("%1 run is back.", "%1 runs are back.", count),
  };
  return words[action] ?? "";
}

/** That some runs were left as they are, and why; "" where none was. */
export function leftWords({ left, why }: Pick<Result, "left" | "why">): string {
  if (left === 0) return "";
  if (why === "") return trans._n("%1 run is as it was.", "%1 runs are as they were.", left);
  return trans._n("%1 run is as it was: %2", "%1 runs are as they were: %2", left, why);
}
