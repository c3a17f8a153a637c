/** Axes of a chart: faint lines, few labels, no more room than the labels need. */
import type uPlot from "uplot";
import type { Axis } from "./axis";
import {
  formatClockTick,
  formatMebibyteTick,
  formatPower,
  formatTicks,
  formatTimeTick,
} from "./format";
import type { Stage } from "./stage";

/** How the labels of a y axis are written. */
export type Unit = "plain" | "percent" | keyof typeof MEBIBYTES;

const TICK_GAP = 6;
const X_AXIS_HEIGHT = 22;

/** 1, 2 and 5 times the powers of ten. */
function decades(lowest: number, highest: number): number[] {
  const increments: number[] = [];
  for (let exponent = lowest; exponent <= highest; exponent++) {
    for (const factor of [1, 2, 5]) increments.push(Number(`${factor}e${exponent}`));
  }
  return increments;
}

const VALUE_INCREMENTS = decades(-16, 300);
const STEP_INCREMENTS = decades(0, 15);
const MINUTE = 60;
const HOUR = 3600;
const TIME_INCREMENTS = [
  ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1344, 8760].map((n) => n * HOUR),
];

export function xAxis(axis: Axis, stage: Stage): uPlot.Axis {
  return {
    ...lines(stage),
    size: X_AXIS_HEIGHT,
    space: axis === "wall" ? 72 : 56,
    incrs: incrementsOf(axis),
    grid: { show: false },
    values: (_, splits, __, ___, increment) => xLabels(axis, splits, increment),
  };
}

function incrementsOf(axis: Axis): number[] {
  if (axis === "step") return STEP_INCREMENTS;
  return axis === "time" || axis === "wall" ? TIME_INCREMENTS : VALUE_INCREMENTS;
}

function xLabels(axis: Axis, splits: readonly number[], increment: number): string[] {
  if (axis === "time") return splits.map((split) => formatTimeTick(split, increment));
  if (axis === "wall") return splits.map((split) => formatClockTick(split, increment));
  return formatTicks(splits, increment);
}

/** How many of them one of a unit is. */
const MEBIBYTES = { bytes: 2 ** -20, mebibytes: 1, gibibytes: 1024 };
const BINARY_INCREMENTS = Array.from({ length: 44 }, (_, i) => 2 ** (i - 3));

function yLabels(unit: Unit, log: boolean, splits: readonly (number | null)[], increment: number) {
  if (log) return splits.map(formatPower);
  if (isBinary(unit)) {
    return splits.map((split) => formatMebibyteTick((split ?? 0) * MEBIBYTES[unit]));
  }
  const labels = formatTicks(splits, increment);
  return unit === "percent" ? labels.map((label) => `${label}%`) : labels;
}

function isBinary(unit: Unit): unit is keyof typeof MEBIBYTES {
  return unit in MEBIBYTES;
}

export function yAxis(log: boolean, unit: Unit, stage: Stage): uPlot.Axis {
  const increments = isBinary(unit) ? BINARY_INCREMENTS : VALUE_INCREMENTS;
  let width = 0;
  return {
    ...lines(stage),
    space: log ? 18 : 30,
    ...(log ? {} : { incrs: increments }),
    grid: { stroke: () => stage.colors.grid, width: 1 },
    values: (_, splits, __, ___, increment) => yLabels(unit, log, splits, increment),
    // Grows in steps of 8 px and never shrinks: live labels must not push the curve about.
    size: (_, values) => {
      width = Math.max(width, 8 * Math.ceil((widest(values, stage) + TICK_GAP + 4) / 8));
      return width;
    },
  };
}

function lines(stage: Stage): uPlot.Axis {
  return {
    stroke: () => stage.colors.text,
    font: stage.colors.font,
    gap: TICK_GAP,
    ticks: { show: false },
    border: { show: false },
  };
}

/** Not the chart's own context, whose font uPlot remembers. */
let ruler: CanvasRenderingContext2D | null = null;

function widest(values: readonly string[] | null, stage: Stage): number {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return 0;
  ruler.font = stage.colors.font;
  return Math.max(0, ...(values ?? []).map((text) => ruler?.measureText(text ?? "").width ?? 0));
}
