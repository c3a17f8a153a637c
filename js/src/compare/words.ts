/** Values of configs and summaries as people read them. */
import { formatExact, formatValue } from "../chart";
import type { Json } from "../protocol";

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
