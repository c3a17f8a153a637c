/** Values of configs and summaries as people read them, and what is said of those left out. */
import { formatCount, formatExact, formatValue } from "../chart/format";
import type { Comparison, Json } from "../protocol";
import { MOST_LINES } from "./context";

/** In a narrow place: numbers with five digits, no zeros at their end. */
export function shortText(value: Json | undefined): string {
  if (value === undefined) return "";
  if (typeof value !== "number") return typeof value === "string" ? value : JSON.stringify(value);
  const short = Number(value.toPrecision(5));
  const plain = value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e7);
  return plain ? String(short).replace("-", "\u2212") : formatValue(value);
}

/** All of a value. */
export function wholeText(value: Json | undefined): string {
  if (typeof value === "number") return formatExact(value);
  return shortText(value);
}

/** Metrics that nobody can choose here, and how to get at them; "" where all are there. */
export function keysLeftOut(head: Comparison | null): string {
  const left = head?.left_out?.keys ?? 0;
  if (left === 0) return "";
  const count = formatCount(left);
  return `${count} more ${left === 1 ? "metric is" : "metrics are"} not listed. Name what you look for: nbtrack.compare(…, keys=["…"]).`;
}

/** Values of runs that did not come along, as parts of a list. */
export function valuesLeftOut(head: Comparison | null): string[] {
  return (["config", "summary"] as const).flatMap((tree) => {
    const count = head?.left_out?.[tree] ?? 0;
    const word = count === 1 ? "key" : "keys";
    return count > 0 ? [`${formatCount(count)} more ${word} of the ${tree}`] : [];
  });
}

/** What a chart has of its runs. */
export interface DrawnCounts {
  /** Runs that had the metric when it was drawn. */
  readonly runs: number;
  /** Lines that came then. */
  readonly kept: number;
  /** Lines of runs that are still there. */
  readonly lines: number;
  /** Whether no more lines are to come. */
  readonly isAll: boolean;
  /** Whether what is there is what is wanted. */
  readonly isFresh: boolean;
  readonly isGrouped: boolean;
}

/** How many runs a chart draws, and what it leaves out of them. */
export function drawnWords(drawn: DrawnCounts): string[] {
  const { lines, isAll, isGrouped } = drawn;
  // Until the answer comes, a run that is gone has no line any more; in bands it is still.
  const isLess = !drawn.isFresh && !isGrouped && lines < drawn.kept;
  const runs = isLess ? lines : drawn.runs;
  const words = [`${formatCount(runs)} ${runs === 1 ? "run" : "runs"}`];
  if (lines >= runs) return words;
  if (!isAll)
    words.push(isGrouped ? `bands are of all of them, lines of ${lines}` : `${lines} drawn`);
  else if (lines === MOST_LINES)
    words.push(`the ${MOST_LINES} newest are drawn${isGrouped ? ", bands are of all" : ""}`);
  return words;
}
