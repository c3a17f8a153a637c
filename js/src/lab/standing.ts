/** How a run stands: its states, and the words for its course. */
import { formatCount, formatValue } from "../chart/format";
import type { RunRow } from "../protocol";
import { trans } from "./translation";

export const ENDED_STATES: readonly string[] = [
  "finished",
  "failed",
  "crashed",
  "killed",
  "preempted",
];

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
