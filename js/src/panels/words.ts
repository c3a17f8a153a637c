/** What is said about a chart in words: its extremes, what it leaves out, all of it aloud. */
import { type Clipped, formatCount } from "../chart";
import type { Series } from "../data";

type Format = (value: number) => string;

/** The least and the greatest value with their steps; "" where all are the same. */
export function extremesText(series: Series, { format }: { readonly format: Format }): string {
  const { low, high } = series.ends();
  if (low < 0 || series.values[low] === series.values[high]) return "";
  return `min ${placed(series, low, format)}   max ${placed(series, high, format)}`;
}

function placed(series: Series, index: number, format: Format): string {
  const step = series.steps[index] as number;
  const value = format(series.values[index] as number);
  return Number.isNaN(step) ? value : `${value} @ ${formatCount(step)}`;
}

/** What a note is about. */
export interface Noted {
  readonly series: readonly Series[];
  /** Values that a logarithmic axis cannot show. */
  readonly below: number;
  readonly clipped: Clipped | null;
  readonly format: Format;
}

/** What a chart does not show, in full; trouble is what somebody may miss. */
export function noteText({ series, below, clipped, format }: Noted): {
  readonly text: string;
  readonly trouble: boolean;
} {
  const reduced = series.some((one) => one.reduced);
  const left = [
    below > 0 ? `${counted(below, reduced)} ≤ 0 not on a log axis` : "",
    clipped ? clippedText(clipped, reduced, format) : "",
  ].filter(Boolean);
  const whole = reduced ? reducedText(series) : series.some(estimated) ? ESTIMATED : "";
  return { text: [...left, whole].filter(Boolean).join(" · "), trouble: left.length > 0 };
}

function clippedText({ above, below, range }: Clipped, reduced: boolean, format: Format): string {
  const parts = [
    above > 0 ? `${counted(above, reduced)} above ${format(range.high)}` : "",
    below > 0 ? `${counted(below, reduced)} below ${format(range.low)}` : "",
  ];
  return `${parts.filter(Boolean).join(", ")} not shown`;
}

/** A reduced series does not know how many there are of what it kept. */
function counted(points: number, reduced: boolean): string {
  const word = points === 1 && !reduced ? "point" : "points";
  return `${formatCount(points)}${reduced ? " or more" : ""} ${word}`;
}

/** Exact where each bucket kept its extremes: never a sample that looks like all of it. */
export function reducedText(series: readonly Series[]): string {
  let [kept, all] = [0, 0];
  for (const { length, count } of series) {
    kept += length;
    all += count;
  }
  const sure = series.some(estimated) ? `extremes exact, ${ESTIMATED}` : "extremes exact";
  return `${formatCount(kept)} of ${formatCount(all)} points, ${sure}`;
}

/** Said where the metric below a chart is known at some of its points only. */
const ESTIMATED = "places along the axis estimated";

function estimated(series: Series): boolean {
  return series.estimated;
}

/** A series for those who cannot see it. */
export function summaryText(series: Series, format: Format): string {
  const last = series.values[series.length - 1];
  if (last === undefined) return `${series.key}: no values yet`;
  const { low, high } = series.ends();
  const at = (index: number) => format(series.values[index] as number);
  const range = low < 0 ? "" : `, lowest ${at(low)}, highest ${at(high)}`;
  const step = series.steps[series.length - 1] as number;
  const place = Number.isNaN(step) ? "" : ` at step ${formatCount(step)}`;
  return `${series.key}: ${formatCount(series.count)} values, newest ${format(last)}${place}${range}`;
}
