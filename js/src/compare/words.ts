/** Values of configs and summaries as people read them, and what is said of those left out. */
import { formatCount, formatExact, formatValue } from "../chart";
import type { Comparison, Json } from "../protocol";

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
