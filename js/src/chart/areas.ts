/** Bands below the lines of a chart: filled between two edges. */
import type { Plot } from "./plot";
import type { Range } from "./ranges";
import type { Colors } from "./theme";

/** What is filled. All arrays have one entry per place; where an edge is NaN there is a gap. */
export interface Area {
  readonly x: Float64Array;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** Number of its colour. */
  readonly color: number;
}

/** How much of an area's colour is seen. */
export const AREA_ALPHA = 0.16;

/** The ends of a y axis that shows areas too, between two places of the x axis. */
export function areaRange(
  areas: readonly Area[],
  within: Range,
  lines: { readonly low: number | null; readonly high: number | null },
  log: boolean,
): { readonly low: number | null; readonly high: number | null } {
  let low = lines.low ?? Number.POSITIVE_INFINITY;
  let high = lines.high ?? Number.NEGATIVE_INFINITY;
  for (const { x, lows, highs } of areas) {
    for (let i = 0; i < x.length; i++) {
      if ((x[i] as number) < within.low || (x[i] as number) > within.high) continue;
      const [below, above] = [lows[i] as number, highs[i] as number];
      if (below < low && (!log || below > 0)) low = below;
      if (above > high && (!log || above > 0)) high = above;
    }
  }
  return low <= high ? { low, high } : { low: null, high: null };
}

/** Fills the areas; on a logarithmic axis what lies below it is cut off at its lower end. */
export function drawAreas(plot: Plot, areas: readonly Area[], colors: Colors): void {
  if (areas.length === 0) return;
  plot.paint((ctx) => {
    ctx.globalAlpha = AREA_ALPHA;
    for (const area of areas) {
      ctx.fillStyle = colors.series(area.color);
      for (const [from, to] of pieces(area)) fill(ctx, plot, area, from, to);
    }
  }, 0);
}

/** The stretches without gaps, ends included. */
export function pieces({ x, lows, highs }: Area): [number, number][] {
  const found: [number, number][] = [];
  let start = -1;
  for (let i = 0; i <= x.length; i++) {
    const there = i < x.length && !Number.isNaN(lows[i]) && !Number.isNaN(highs[i]);
    if (there && start < 0) start = i;
    if (!there && start >= 0) {
      found.push([start, i - 1]);
      start = -1;
    }
  }
  return found;
}

function fill(
  ctx: CanvasRenderingContext2D,
  plot: Plot,
  area: Area,
  from: number,
  to: number,
): void {
  const place = (i: number, values: Float64Array): [number, number] => {
    const value = values[i] as number;
    const drawn = plot.isLog ? Math.max(value, plot.y.low) : value;
    return [plot.toX(area.x[i] as number), plot.toY(drawn)];
  };
  ctx.beginPath();
  for (let i = from; i <= to; i++) ctx.lineTo(...place(i, area.highs));
  for (let i = to; i >= from; i--) ctx.lineTo(...place(i, area.lows));
  ctx.closePath();
  ctx.fill();
}
