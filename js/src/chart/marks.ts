/** What is painted over the lines: newest points, and values that have no height. */
import uPlot from "uplot";
import type { Line } from "./chart";
import type { Mark } from "./content";
import type { Colors } from "./theme";

/** Marks closer than this would run into each other. */
const GAP_PX = 9;

/** Paints the marks of all lines inside the plot. */
export function drawMarks(plot: uPlot, lines: readonly Line[], colors: Colors): void {
  clipped(plot, () => {
    for (const { content } of lines) marksOf(plot, content.marks, colors);
  });
}

/** Paints a dot at the newest point of each line. */
export function drawNewest(plot: uPlot, lines: readonly Line[], colors: Colors): void {
  clipped(plot, () => {
    for (const line of lines) if (!line.faint) newestOf(plot, line, colors);
  });
}

function clipped(plot: uPlot, paint: () => void): void {
  const { ctx, bbox } = plot;
  const edge = 4 * uPlot.pxRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - edge, bbox.top - edge, bbox.width + 2 * edge, bbox.height + 2 * edge);
  ctx.clip();
  paint();
  ctx.restore();
}

function marksOf(plot: uPlot, marks: readonly Mark[], colors: Colors): void {
  const { ctx, bbox } = plot;
  ctx.fillStyle = ctx.strokeStyle = colors.trouble;
  ctx.lineWidth = 1.5 * uPlot.pxRatio;
  let before = Number.NEGATIVE_INFINITY;
  for (const mark of marks) {
    const x = Math.round(plot.valToPos(mark.x, "x", true));
    const apart = x - before >= GAP_PX * uPlot.pxRatio;
    if (!apart || x < bbox.left || x > bbox.left + bbox.width) continue;
    before = x;
    if (mark.kind === "nan") drawCross(plot, x, heightOf(plot, mark));
    else drawTriangle(plot, x, mark.kind === "high");
  }
}

/** A NaN stands on the line: where its last value was, else at the bottom. */
function heightOf(plot: uPlot, mark: Mark): number {
  const { top, height } = plot.bbox;
  const size = 3 * uPlot.pxRatio;
  const y = mark.y === null ? Number.POSITIVE_INFINITY : plot.valToPos(mark.y, "y", true);
  return Math.max(top + size, Math.min(top + height - size, y));
}

function drawCross({ ctx }: uPlot, x: number, y: number): void {
  const size = 3 * uPlot.pxRatio;
  ctx.beginPath();
  ctx.moveTo(x - size, y - size);
  ctx.lineTo(x + size, y + size);
  ctx.moveTo(x + size, y - size);
  ctx.lineTo(x - size, y + size);
  ctx.stroke();
}

function drawTriangle({ ctx, bbox }: uPlot, x: number, up: boolean): void {
  const size = 3 * uPlot.pxRatio;
  const [tip, base] = up
    ? [bbox.top, bbox.top + 2 * size]
    : [bbox.top + bbox.height, bbox.top + bbox.height - 2 * size];
  ctx.beginPath();
  ctx.moveTo(x, tip);
  ctx.lineTo(x + size, base);
  ctx.lineTo(x - size, base);
  ctx.fill();
}

function newestOf(plot: uPlot, { content, color }: Line, colors: Colors): void {
  const line = content.smoothed.length > 0 ? content.smoothed : content.raw;
  const index = line.findLastIndex((value) => value !== null);
  if (index < 0) return;
  const { ctx, bbox } = plot;
  const x = plot.valToPos(content.x[index] as number, "x", true);
  const y = plot.valToPos(line[index] as number, "y", true);
  if (x > bbox.left + bbox.width + 1 || y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.fillStyle = colors.series(color);
  ctx.beginPath();
  ctx.arc(x, y, 2.75 * uPlot.pxRatio, 0, 2 * Math.PI);
  ctx.fill();
}
