/** One series as a view holds it: everything while it is short, exact extremes beyond. */
import type { DecodedSeries } from "../protocol";
import { extremes } from "./extremes";
import { chartHabits } from "./host";

/** Above this many points a series is reduced to half of it: 2,000 are one per pixel of a wide chart. */
export const MOST_POINTS = 4096;

/** The same, as whoever looks wants it. */
export function mostPoints(): number {
  const { points } = chartHabits();
  return points === null ? MOST_POINTS : 2 * points;
}

export class Series {
  /** Steps, NaN for readings of the machine; seconds since the run's start; values. */
  steps: Float64Array;
  times: Float64Array;
  values: Float64Array;
  /** For how many logged points each kept one stands. */
  weights: Float64Array;
  /** Places along the metric below it, where it was laid along one. */
  xs: Float64Array | null = null;
  /** Whether some of those places were not logged, but lie between two that were. */
  estimated = false;
  /** Points kept: only so many entries of the arrays count. */
  length = 0;
  /** Points logged. */
  count = 0;
  /** Grows with every change. */
  revision = 0;

  constructor(
    readonly key: string,
    readonly stream: "metric" | "system",
    capacity = 64,
  ) {
    this.steps = new Float64Array(capacity);
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.weights = new Float64Array(capacity);
  }

  /** A series that nothing is added to. */
  static of(
    key: string,
    from: Readonly<Pick<Series, "steps" | "times" | "values" | "weights" | "xs" | "count">>,
  ): Series {
    const series = new Series(key, "metric", 0);
    return Object.assign(series, from, { length: from.values.length });
  }

  /** Whether points were left out, exact extremes of their neighbourhoods excepted. */
  get reduced(): boolean {
    return this.count > this.length;
  }

  /** Replaces all points by what a message brought. */
  load(from: DecodedSeries): void {
    const { points, count } = from.head;
    this.steps = from.steps;
    this.times = from.times;
    this.values = from.values;
    this.xs = from.xs;
    this.estimated = from.head.estimated ?? false;
    this.weights = new Float64Array(points).fill(points > 0 ? Math.max(1, count / points) : 1);
    this.length = points;
    this.count = Math.max(count, points);
    this.revision++;
    // One that is laid along a metric is not added to, and stays as it came.
    if (this.length > mostPoints() && !this.xs) this.reduce(mostPoints());
  }

  append(steps: Float64Array, times: Float64Array, values: Float64Array): void {
    this.grow(this.length + steps.length);
    this.steps.set(steps, this.length);
    this.times.set(times, this.length);
    this.values.set(values, this.length);
    this.weights.fill(1, this.length, this.length + steps.length);
    this.length += steps.length;
    this.count += steps.length;
    this.revision++;
    if (this.length > mostPoints()) this.reduce(mostPoints());
  }

  /** Where its least and its greatest finite value stand; -1 without any. */
  ends(): { readonly low: number; readonly high: number } {
    let [low, high] = [-1, -1];
    for (let i = 0; i < this.length; i++) {
      const value = this.values[i] as number;
      if (!Number.isFinite(value)) continue;
      if (low < 0 || value < (this.values[low] as number)) low = i;
      if (high < 0 || value > (this.values[high] as number)) high = i;
    }
    return { low, high };
  }

  private grow(needed: number): void {
    if (needed <= this.steps.length) return;
    const capacity = Math.max(needed, 2 * this.steps.length);
    const grown = (old: Float64Array) => {
      const array = new Float64Array(capacity);
      array.set(old.subarray(0, this.length));
      return array;
    };
    this.steps = grown(this.steps);
    this.times = grown(this.times);
    this.values = grown(this.values);
    this.weights = grown(this.weights);
  }

  private reduce(most: number): void {
    const kept = extremes(this.values, this.weights, this.length, Math.floor(most / 4));
    const picked = (old: Float64Array) => {
      const array = new Float64Array(most);
      kept.indices.forEach((index, i) => {
        array[i] = old[index] as number;
      });
      return array;
    };
    this.steps = picked(this.steps);
    this.times = picked(this.times);
    this.values = picked(this.values);
    this.weights = new Float64Array(most);
    this.weights.set(kept.weights);
    this.length = kept.indices.length;
  }
}
