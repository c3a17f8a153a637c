/** A series along another metric: each point at the value which that one had last. */
import { Series } from "./series";

/**
 * Lays a series along `below`.
 *
 * Points before the first value of `below` have no place and are left out. Where `below`
 * was reduced, what lies between two of its points is taken to be on a straight line, and
 * the series says that its places are estimated.
 *
 * @param window the exact points up to some step, with their places; what came after it is
 *   taken from `whole`.
 */
export function laid(whole: Series, below: Series, window: Series | null): Series {
  const places = window?.xs ? Array.from(window.xs.subarray(0, window.length)) : [];
  const points = places.map((place, i) => ({ from: window as Series, i, place }));
  const since = window ? lastStep(window) : Number.NEGATIVE_INFINITY;
  let at = -1;
  let estimated = window?.estimated ?? false;
  for (let i = 0; i < whole.length; i++) {
    const step = whole.steps[i] as number;
    while (at + 1 < below.length && (below.steps[at + 1] as number) <= step) at++;
    if (step <= since || at < 0) continue;
    const place = placeAt(below, at, step);
    if (!Number.isFinite(place)) continue;
    points.push({ from: whole, i, place });
    estimated ||= below.reduced && at + 1 < below.length && below.steps[at] !== step;
  }
  points.sort((one, other) => one.place - other.place);
  const column = (of: (point: (typeof points)[number]) => number) => Float64Array.from(points, of);
  const series = Series.of(whole.key, {
    steps: column(({ from, i }) => from.steps[i] as number),
    times: column(({ from, i }) => from.times[i] as number),
    values: column(({ from, i }) => from.values[i] as number),
    weights: column(({ from, i }) => from.weights[i] as number),
    xs: column(({ place }) => place),
    count: window ? Math.max(window.count, points.length) : whole.count,
  });
  series.estimated = estimated;
  return series;
}

function placeAt(below: Series, at: number, step: number): number {
  const value = below.values[at] as number;
  if (!below.reduced || at + 1 >= below.length) return value;
  const [from, to] = [below.steps[at] as number, below.steps[at + 1] as number];
  const next = below.values[at + 1] as number;
  return Number.isFinite(next) ? value + ((next - value) * (step - from)) / (to - from) : value;
}

function lastStep(series: Series): number {
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < series.length; i++) last = Math.max(last, series.steps[i] as number);
  return last;
}
