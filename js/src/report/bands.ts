/** Means of groups and what lies around them, as `query/comparing/intervals.py` reckons them. */
import type { DecodedBand, Draw } from "../protocol";

/** The line of one run. */
export interface Run {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** Beyond it squares are infinite; such values count no more than NaN does. */
const GREATEST = 1e150;

/** Returns the band of some runs, step by step; of none of their values there is an empty one. */
export function bandOf(group: number, runs: readonly Run[], kind: Draw["band"]): DecodedBand {
  const at = valuesByStep(runs);
  const steps = Float64Array.from([...at.keys()].sort((a, b) => a - b));
  const size = steps.length;
  const [counts, means, lows, highs] = [0, 1, 2, 3].map(() => new Float64Array(size));
  const band = { group, steps, counts, means, lows, highs } as DecodedBand;
  steps.forEach((step, i) => {
    const values = at.get(step) ?? [];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const [low, high] = edges(values, mean, kind);
    band.counts[i] = values.length;
    band.means[i] = mean;
    band.lows[i] = low;
    band.highs[i] = high;
  });
  return band;
}

function valuesByStep(runs: readonly Run[]): Map<number, number[]> {
  const at = new Map<number, number[]>();
  for (const { steps, values } of runs) {
    values.forEach((value, i) => {
      if (!(Math.abs(value) <= GREATEST)) return;
      const step = steps[i] as number;
      const there = at.get(step);
      if (there) there.push(value);
      else at.set(step, [value]);
    });
  }
  return at;
}

function edges(values: readonly number[], mean: number, kind: Draw["band"]): [number, number] {
  if (kind === "minmax") return [Math.min(...values), Math.max(...values)];
  const n = values.length;
  if (n < 2) return [Number.NaN, Number.NaN];
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (n - 1));
  const error = deviation / Math.sqrt(n);
  const half = kind === "std" ? deviation : kind === "stderr" ? error : error * tQuantile(n - 1);
  return [mean - half, mean + half];
}

const CLOSE = 1e-13;
/** The 0.975 quantile of the normal distribution, from which the search begins. */
const NORMAL = 1.959963984540054;
const quantiles = new Map<number, number>();

/**
 * The 0.975 quantile of Student's distribution, for whole degrees of freedom: the distribution
 * function in its closed form (Abramowitz and Stegun 26.7.3, 26.7.4), by Newton's method.
 */
export function tQuantile(degrees: number): number {
  const known = quantiles.get(degrees);
  if (known !== undefined) return known;
  const scale = densityAtZero(degrees);
  let t = NORMAL;
  for (let step = t; step > CLOSE * t; t += step) {
    const density = 2 * scale * (1 + (t * t) / degrees) ** (-(degrees + 1) / 2);
    step = (0.95 - within(t, degrees)) / density;
  }
  quantiles.set(degrees, t);
  return t;
}

/** From one and two degrees upwards, each time by two. */
function densityAtZero(degrees: number): number {
  const odd = degrees % 2 === 1;
  let density = odd ? 1 / Math.PI : 1 / Math.sqrt(8);
  for (let n = odd ? 1 : 2; n < degrees; n += 2) {
    density *= ((n + 1) / n) * Math.sqrt(n / (n + 2));
  }
  return density;
}

/** The probability of a value between `-t` and `t`. */
function within(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  if (degrees === 1) return (2 * angle) / Math.PI;
  const odd = degrees % 2;
  const cosine = Math.cos(angle);
  let term = odd ? cosine : 1;
  let total = term;
  for (let i = 2 + odd; i < degrees - 1; i += 2) {
    term *= (cosine * cosine * (i - 1)) / i;
    total += term;
  }
  const sine = Math.sin(angle) * total;
  return odd ? (2 / Math.PI) * (angle + sine) : sine;
}
