/** How a run stands: its states, and the words for its course. */
import { formatCount, formatValue } from "../chart/format";
import type { RunRow } from "../protocol";
import { trans } from "./translation";

/** In these states a run may still change. */
export const OPEN_STATES: readonly string[] = ["pending", "running", "preempting"];
export const ENDED_STATES: readonly string[] = [
  "finished",
  "failed",
  "crashed",
  "killed",
  "preempted",
];

/** Whether a run may still change. */
export function isOpen(run: { readonly state: string }): boolean {
  return OPEN_STATES.includes(run.state);
}

/** The state as people see it: an open run in which nothing goes on is idle. */
export function standing(run: RunRow): string {
  return run.idle !== null && run.state === "running" ? "idle" : run.state;
}

/** What is said of a run beside its name: its step and the newest value of its metric. */
export function courseOf({ step, spark_key: key, spark }: RunRow): string {
  const value = spark.findLast((one) => one !== null) ?? null;
  return [
    step === null ? "" : trans.__("step %1", formatCount(step)),
    key === "" || value === null ? "" : `${key} ${formatValue(value)}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
