/** Which points of a long series must stay so that nothing a person would see goes away. */

/** Points that were kept, and for how many logged ones each of them stands. */
export interface Kept {
  readonly indices: Uint32Array;
  readonly weights: Float64Array;
}

/**
 * Chooses about `2 * buckets` of `n` points: of each bucket its exact minimum and maximum,
 * and always the first and the last point. A bucket that holds values that are not finite
 * keeps the first of them too, so that a NaN is never averaged away.
 *
 * Buckets hold equal shares of the *logged* points, so that a series which was reduced
 * before and has grown since is reduced evenly, and its extremes stay exact.
 *
 * @param values of length `n` or more, in order of their steps.
 * @param weights logged points that each of them stands for, of length `n` or more.
 */
export function extremes(
  values: Float64Array,
  weights: Float64Array,
  n: number,
  buckets: number,
): Kept {
  const indices = new Uint32Array(Math.min(n, 3 * buckets + 2));
  const kept = new Float64Array(indices.length);
  let total = 0;
  for (let i = 0; i < n; i++) total += weights[i] as number;
  let size = 0;
  let start = 0;
  let before = 0;
  while (start < n) {
    const bucket = Math.min(buckets - 1, Math.floor((before / total) * buckets));
    const limit = bucket === buckets - 1 ? Infinity : ((bucket + 1) / buckets) * total;
    let end = start;
    let reached = before;
    do reached += weights[end++] as number;
    while (end < n && reached < limit);
    const chosen = choose(values, start, end, n);
    for (const index of chosen) {
      indices[size] = index;
      kept[size] = (reached - before) / chosen.length;
      size++;
    }
    start = end;
    before = reached;
  }
  return { indices: indices.subarray(0, size), weights: kept.subarray(0, size) };
}

/** The points of one bucket that stay, in order. */
function choose(values: Float64Array, start: number, end: number, n: number): number[] {
  let low = -1;
  let high = -1;
  let odd = -1;
  for (let i = start; i < end; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) {
      if (odd < 0) odd = i;
      continue;
    }
    if (low < 0 || value < (values[low] as number)) low = i;
    if (high < 0 || value > (values[high] as number)) high = i;
  }
  const chosen = new Set<number>();
  if (start === 0) chosen.add(0);
  for (const index of [low, high, odd]) if (index >= 0) chosen.add(index);
  if (end === n) chosen.add(n - 1);
  return [...chosen].sort((a, b) => a - b);
}
