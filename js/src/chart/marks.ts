/** What is painted over the lines: newest points, and values that have no height. */
import type { Line } from "./chart";
import type { Mark } from "./content";
import type { Plot } from "./plot";
import type { Colors } from "./theme";

/** Marks closer than this would run into each other. */
const GAP = 9;
const SIZE = 3;

/** Paints the marks of all lines inside the plot. */
export function drawMarks(plot: Plot, lines: readonly Line[], colors: Colors): void {
  plot.paint((ctx) => {
    ctx.fillStyle = ctx.strokeStyle = colors.trouble;
    ctx.lineWidth = SIZE / 2;
    for (const { content } of lines) marksOf(ctx, plot, content.marks);
  });
}

/** Paints a dot at the newest point of each line. */
export function drawNewest(plot: Plot, lines: readonly Line[], colors: Colors): void {
  plot.paint((ctx) => {
    for (const line of lines) if (!line.faint) newestOf(ctx, plot, line, colors);
  });
}

function marksOf(ctx: CanvasRenderingContext2D, plot: Plot, marks: readonly Mark[]): void {
  const { width, height } = plot.box;
  let before = Number.NEGATIVE_INFINITY;
  for (const mark of marks) {
    const x = Math.round(plot.toX(mark.x));
    if (x - before < GAP || x < 0 || x > width) continue;
    before = x;
    if (mark.kind === "nan") drawCross(ctx, x, heightOf(plot, mark));
    else drawTriangle(ctx, x, height, mark.kind === "high");
  }
}

/** A NaN stands on the line: where its last value was, else at the bottom. */
function heightOf(plot: Plot, mark: Mark): number {
  const y = mark.y === null ? Number.POSITIVE_INFINITY : plot.toY(mark.y);
  return Math.max(SIZE, Math.min(plot.box.height - SIZE, y));
}

function drawCross(ctx: CanvasRenderingContext2D, x: number, y: number): void {
  ctx.beginPath();
  ctx.moveTo(x - SIZE, y - SIZE);
  ctx.lineTo(x + SIZE, y + SIZE);
  ctx.moveTo(x + SIZE, y - SIZE);
  ctx.lineTo(x - SIZE, y + SIZE);
  ctx.stroke();
}

function drawTriangle(ctx: CanvasRenderingContext2D, x: number, height: number, up: boolean): void {
  const [tip, base] = up ? [0, 2 * SIZE] : [height, height - 2 * SIZE];
  ctx.beginPath();
  ctx.moveTo(x, tip);
  ctx.lineTo(x + SIZE, base);
  ctx.lineTo(x - SIZE, base);
  ctx.fill();
}

function newestOf(
  ctx: CanvasRenderingContext2D,
  plot: Plot,
  { content, color }: Line,
  colors: Colors,
): void {
  const line = content.smoothed.length > 0 ? content.smoothed : content.raw;
  const index = line.findLastIndex((value) => value !== null);
  if (index < 0) return;
  const x = plot.toX(content.x[index] as number);
  const y = plot.toY(line[index] as number);
  if (x > plot.box.width + 1 || y < 0 || y > plot.box.height) return;
  ctx.fillStyle = colors.series(color);
  ctx.beginPath();
  ctx.arc(x, y, 2.75, 0, 2 * Math.PI);
  ctx.fill();
}
