/** Smoothing as people of the field know it: an exponential moving average, debiased. */

/** Up to this many logged points `smoothing` counts per point, beyond it per share of the run. */
const POINTS_PER_VIEW = 1000;

/**
 * Smooths a series exponentially and leaves its gaps where they are.
 *
 * Debiased: the first value equals itself instead of starting near zero. A point that
 * stands for many logged ones counts like them, so a curve keeps its look when its series
 * is reduced; and beyond 1,000 logged points time runs in thousandths of the series, so
 * that the same setting smooths a long run as it does a short one.
 *
 * @param weights logged points that each value stands for.
 * @param n how many entries of the arrays count.
 * @param smoothing 0 (none) to below 1: the share of the past that the next point keeps.
 * @returns `n` values; NaN exactly where `values` is not finite.
 */
export function smooth(
  values: Float64Array,
  weights: Float64Array,
  n: number,
  smoothing: number,
): Float64Array {
  const out = new Float64Array(n);
  let logged = 0;
  for (let i = 0; i < n; i++) logged += weights[i] as number;
  const unit = Math.max(1, logged / POINTS_PER_VIEW);
  let sum = 0;
  let norm = 0;
  for (let i = 0; i < n; i++) {
    const keep = smoothing ** ((weights[i] as number) / unit);
    const value = values[i] as number;
    if (Number.isFinite(value)) {
      sum = keep * sum + (1 - keep) * value;
      norm = keep * norm + (1 - keep);
      out[i] = sum / norm;
    } else {
      // No value adds no weight; what came before fades by itself only against new values.
      out[i] = Number.NaN;
    }
  }
  return out;
}
