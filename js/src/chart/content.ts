/** From a series to what a chart draws: gaps, marks, the smoothed line. */
import { type Series, smooth } from "../data";
import type { Axis } from "./axis";

/** A value that cannot be drawn at its height. */
export interface Mark {
  readonly x: number;
  readonly kind: "nan" | "high" | "low";
  /** Height of the last value before it, where a NaN is marked; null without one. */
  readonly y: number | null;
}

/** What one chart draws. All arrays have one entry per point; null is a gap. */
export interface Content {
  readonly x: number[];
  readonly raw: (number | null)[];
  /** Empty when nothing is smoothed. */
  readonly smoothed: (number | null)[];
  /** The values themselves, NaN and infinities too. */
  readonly values: Float64Array;
  readonly steps: Float64Array;
  readonly times: Float64Array;
  readonly marks: readonly Mark[];
  /** How many values a logarithmic axis cannot show. */
  readonly belowLog: number;
}

export interface ContentOptions {
  readonly axis: Axis;
  /** 0: no smoothed line. */
  readonly smoothing: number;
  readonly log: boolean;
  /** Where the wall's clock stood at time 0, see `wallClock`. */
  readonly origin_s?: number;
}

/** @param series laid along the metric that is the axis, if one is. */
export function contentOf(series: Series, options: ContentOptions): Content {
  const n = series.length;
  const raw = new Array<number | null>(n);
  const x = new Array<number>(n);
  const marks: Mark[] = [];
  const along = columnOf(series, options.axis);
  const origin = options.axis === "wall" ? (options.origin_s ?? 0) : 0;
  let belowLog = 0;
  let last = Number.NEGATIVE_INFINITY;
  let height: number | null = null;
  for (let i = 0; i < n; i++) {
    // Clocks are set back sometimes; a chart's x never goes back.
    last = Math.max(last, origin + (along[i] as number));
    x[i] = last;
    const value = series.values[i] as number;
    const finite = Number.isFinite(value);
    if (!finite && !isPause(series, i)) marks.push({ x: last, kind: kindOf(value), y: height });
    const fits = finite && (!options.log || value > 0);
    if (options.log && value <= 0) belowLog++;
    raw[i] = fits ? value : null;
    if (fits) height = value;
  }
  return {
    x,
    raw,
    smoothed: options.smoothing > 0 ? smoothedOf(series, options) : [],
    values: series.values.subarray(0, n),
    steps: series.steps.subarray(0, n),
    times: series.times.subarray(0, n),
    marks,
    belowLog,
  };
}

function columnOf(series: Series, axis: Axis): Float64Array {
  if (axis === "step") return series.steps;
  return axis === "time" || axis === "wall" ? series.times : (series.xs ?? series.steps);
}

function smoothedOf(series: Series, options: ContentOptions): (number | null)[] {
  const line = smooth(series.values, series.weights, series.length, options.smoothing);
  return Array.from(line, (value) =>
    Number.isNaN(value) || (options.log && value <= 0) ? null : value,
  );
}

/** The machine is not read between two cells: a gap of which nothing has to be said. */
function isPause(series: Series, index: number): boolean {
  return series.stream === "system" && Number.isNaN(series.values[index]);
}

function kindOf(value: number): Mark["kind"] {
  if (Number.isNaN(value)) return "nan";
  return value > 0 ? "high" : "low";
}

/** Index of the entry of ascending `x` that is nearest to `at`; -1 when there is none. */
export function nearest(x: readonly number[], at: number): number {
  let low = 0;
  let high = x.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) < at) low = middle;
    else high = middle;
  }
  return at - (x[low] as number) <= (x[high] as number) - at ? low : high;
}

/** Index of the first entry of ascending `x` that is not below `at`. */
export function firstFrom(x: readonly number[], at: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
