/** From where to where the axes of a chart go. Pure functions. */
import { type Content, firstFrom } from "./content";

/** A stretch of an axis. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What an axis that leaves outliers out does not show. */
export interface Clipped {
  readonly range: Range;
  /** How many points lie above and below it. */
  readonly above: number;
  readonly below: number;
}

/** Outliers lie farther from the bulk, 2 to 98 % of the points, than its own height. */
const BULK = 0.02;
const FAR = 1;
/** Of fewer points nobody can say which are outliers. */
const FEWEST = 20;

/** The ends of all lines; a single point gets room on both sides, but none below zero. */
export function wholeRange(lines: readonly Content[]): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { x } of lines) {
    low = Math.min(low, x[0] ?? low);
    high = Math.max(high, x.at(-1) ?? high);
  }
  if (low > high) return { low: 0, high: 1 };
  if (low < high) return { low, high };
  // A number that is large or small swallows 1 or drowns in it.
  const room = Math.abs(low) >= 1e12 ? Math.abs(low) * 1e-3 : 1;
  return { low: low < 0 ? low - room : Math.max(0, low - room), high: high + room };
}

/** The y axis for values from `low` to `high`; null where there are none. */
export function valueRange(low: number | null, high: number | null, log: boolean): Range {
  if (low === null || high === null) return log ? { low: 0.1, high: 10 } : { low: 0, high: 1 };
  if (log) return logRange(low, high);
  const room = (high - low) * 0.06 || Math.abs(low) * 0.05 || 1;
  // A quantity that never falls below zero keeps zero as its floor when it comes near.
  const floor = low >= 0 && low < 0.35 * (high - low) ? 0 : low - room;
  return { low: floor, high: high <= 0 && high > -0.35 * (high - low) ? 0 : high + room };
}

/** Half a decade of room at least, so that a flat curve on a log axis has an axis. */
function logRange(low: number, high: number): Range {
  const room = Math.max(0.08 * Math.log10(high / low), high / low < 10 ? 0.25 : 0);
  return { low: low / 10 ** room, high: high * 10 ** room };
}

/**
 * The range of the points between two places of the x axis without the outliers of each
 * line, and how many those are; null where there are none.
 */
export function clippedRange(
  lines: readonly Content[],
  along: Range,
  log: boolean,
): Clipped | null {
  const parts = lines.map((line) => sortedWithin(line, along, log)).filter((part) => part.length);
  const bulks = parts.map(bulkOf);
  const low = Math.min(...bulks.map((bulk) => bulk.low));
  const high = Math.max(...bulks.map((bulk) => bulk.high));
  let [above, below] = [0, 0];
  for (const part of parts) {
    above += part.length - 1 - part.findLastIndex((value) => value <= high);
    below += part.findIndex((value) => value >= low);
  }
  if (above + below === 0) return null;
  const range = log ? { low: 10 ** low, high: 10 ** high } : { low, high };
  return { range, above, below };
}

function sortedWithin(line: Content, along: Range, log: boolean): Float64Array {
  const values: number[] = [];
  for (let i = firstFrom(line.x, along.low); (line.x[i] ?? Infinity) <= along.high; i++) {
    const value = line.raw[i];
    if (value != null) values.push(log ? Math.log10(value) : value);
  }
  return Float64Array.from(values).sort();
}

/** The ends of sorted values without those that lie far from most of them. */
function bulkOf(sorted: Float64Array): Range {
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number;
  if (sorted.length < FEWEST) return { low: at(0), high: at(1) };
  const far = FAR * (at(1 - BULK) - at(BULK)) || Number.POSITIVE_INFINITY;
  const [lowest, highest] = [at(BULK) - far, at(1 - BULK) + far];
  return {
    low: sorted.find((value) => value >= lowest) as number,
    high: sorted.findLast((value) => value <= highest) as number,
  };
}

/** A range made wider (factor above 1) or narrower around one of its points. */
export function scaled(range: Range, around: number, factor: number): Range {
  return {
    low: around - (around - range.low) * factor,
    high: around + (range.high - around) * factor,
  };
}

/** A range moved by a share of its width. */
export function moved({ low, high }: Range, share: number): Range {
  const by = (high - low) * share;
  return { low: low + by, high: high + by };
}

/** A range that shows part of `whole`: moved into it; null where it shows all of it. */
export function within(range: Range, whole: Range): Range | null {
  const width = range.high - range.low;
  if (!(width < whole.high - whole.low)) return null;
  const low = Math.min(Math.max(range.low, whole.low), whole.high - width);
  return { low, high: low + width };
}
