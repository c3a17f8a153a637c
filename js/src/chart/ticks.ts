/** Where the labels of an axis stand, and what they say. Pure functions. */
import type { Axis } from "./axis";
import {
  formatClockTick,
  formatMebibyteTick,
  formatPower,
  formatTicks,
  formatTimeTick,
} from "./format";
import type { Range } from "./ranges";

/** How the labels of a y axis are written. */
export type Unit = "plain" | "percent" | keyof typeof MEBIBYTES;

/** How many of them one of a unit is. */
const MEBIBYTES = { bytes: 2 ** -20, mebibytes: 1, gibibytes: 1024 };

/** Places of an axis in its own unit, ascending, and their labels. */
export interface Ticks {
  readonly at: readonly number[];
  readonly labels: readonly string[];
}

const X_SPACE_PX = 56;
const CLOCK_SPACE_PX = 72;
const Y_SPACE_PX = 30;
const LOG_SPACE_PX = 18;
const MINUTE = 60;
const HOUR = 3600;
const TIME_INCREMENTS = [
  ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1344, 8760].map((n) => n * HOUR),
];
const FACTORS = [1, 2, 5];

/** @param width_px of the plot. */
export function xTicks(axis: Axis, range: Range, width_px: number): Ticks {
  const space = axis === "wall" ? CLOCK_SPACE_PX : X_SPACE_PX;
  const least = ((range.high - range.low) * space) / width_px;
  const increment = xIncrement(axis, least);
  const at = multiples(range, increment);
  return { at, labels: xLabels(axis, at, increment) };
}

function xIncrement(axis: Axis, least: number): number {
  if (axis === "step") return decimal(Math.max(1, least));
  if (axis !== "time" && axis !== "wall") return decimal(least);
  return TIME_INCREMENTS.find((one) => one >= least) ?? decimal(least);
}

function xLabels(axis: Axis, at: readonly number[], increment: number): string[] {
  if (axis === "time") return at.map((one) => formatTimeTick(one, increment));
  if (axis === "wall") return at.map((one) => formatClockTick(one, increment));
  return formatTicks(at, increment);
}

/** @param height_px of the plot. */
export function yTicks(unit: Unit, log: boolean, range: Range, height_px: number): Ticks {
  if (log) return logTicks(range, height_px);
  const least = ((range.high - range.low) * Y_SPACE_PX) / height_px;
  if (isBinary(unit)) {
    const at = multiples(range, 2 ** Math.ceil(Math.log2(least)));
    return { at, labels: at.map((one) => formatMebibyteTick(one * MEBIBYTES[unit])) };
  }
  const increment = decimal(least);
  const at = multiples(range, increment);
  const labels = formatTicks(at, increment);
  return { at, labels: unit === "percent" ? labels.map((label) => `${label}%`) : labels };
}

function isBinary(unit: Unit): unit is keyof typeof MEBIBYTES {
  return unit in MEBIBYTES;
}

/** Powers of ten, as many as there is room for; of fewer than two, 2 and 5 times them too. */
function logTicks(range: Range, height_px: number): Ticks {
  const [low, high] = [Math.log10(range.low), Math.log10(range.high)];
  const stride = Math.max(1, Math.ceil(((high - low) * LOG_SPACE_PX) / height_px));
  const factors = high - low < 2 ? FACTORS : [1];
  const at: number[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    if (power % stride !== 0) continue;
    for (const factor of factors) at.push(Number(`${factor}e${power}`));
  }
  const inside = at.filter((one) => one >= range.low && one <= range.high);
  return { at: inside, labels: inside.map(formatPower) };
}

/** The least of 1, 2 and 5 times the powers of ten that is not below `least`. */
function decimal(least: number): number {
  const power = Math.floor(Math.log10(least));
  for (const factor of FACTORS) {
    const increment = Number(`${factor}e${power}`);
    if (increment >= least * (1 - 1e-9)) return increment;
  }
  return Number(`1e${power + 1}`);
}

function multiples({ low, high }: Range, increment: number): number[] {
  const at: number[] = [];
  const last = Math.floor(high / increment + 1e-9);
  // Where a range is narrower than its numbers can tell, there is nothing to label.
  for (let n = Math.ceil(low / increment - 1e-9); n <= last && at.length < 100; n++) {
    at.push(n === 0 ? 0 : n * increment);
  }
  return at;
}
