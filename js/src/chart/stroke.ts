/** How a curve becomes a path: gaps stay gaps, and no extreme is lost on the way to pixels. */
import { firstFrom } from "./content";

/** Where a path goes: a canvas, a picture in SVG, a test. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** How values become pixels. */
export interface Map2d {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** A point that no line would show: it stands alone between two gaps. */
export interface Dot {
  readonly x: number;
  readonly y: number;
}

/** Canvases lose their way far outside. */
const FAR_PX = 1e5;

/**
 * Draws the points of a curve from `low` to `high`, and one more on either side.
 *
 * Where more than two points fall on a column of pixels, the column is drawn from its
 * first point through its exact minimum and maximum to its last.
 *
 * @param x ascending.
 * @param y of the same length; null is a gap.
 * @param fineness columns per CSS pixel.
 * @returns the points that stand alone.
 */
export function stroke(
  pen: Pen,
  x: readonly number[],
  y: readonly (number | null)[],
  { low, high }: { readonly low: number; readonly high: number },
  to: Map2d,
  fineness: number,
): Dot[] {
  const line = new Columns(pen, fineness);
  const last = Math.min(x.length - 1, firstFrom(x, high) + 1);
  for (let i = Math.max(0, firstFrom(x, low) - 1); i <= last; i++) {
    const value = y[i];
    if (value == null) line.lift();
    else line.add(to.x(x[i] as number), Math.max(-FAR_PX, Math.min(FAR_PX, to.y(value))));
  }
  line.lift();
  return line.dots;
}

/** Gathers the points of one column of pixels until the next begins. */
class Columns {
  readonly dots: Dot[] = [];
  private column = Number.NaN;
  private x = 0;
  private first = 0;
  private last = 0;
  private low = 0;
  private high = 0;
  private lowFirst = false;
  /** Points of the column; of the line since it was lifted. */
  private count = 0;
  private length = 0;

  constructor(
    private readonly pen: Pen,
    private readonly fineness: number,
  ) {}

  add(x: number, y: number): void {
    const column = Math.floor(x * this.fineness);
    if (column !== this.column || this.count === 0) {
      this.flush();
      this.column = column;
      this.x = x;
      this.first = this.low = this.high = y;
    } else if (y < this.low) {
      this.low = y;
      this.lowFirst = false;
    } else if (y > this.high) {
      this.high = y;
      this.lowFirst = true;
    }
    this.last = y;
    this.count++;
  }

  /** Ends the line: what comes next begins another. */
  lift(): void {
    const { count, length, x, first } = this;
    if (length === 0 && count === 1) this.dots.push({ x, y: first });
    this.flush();
    this.length = 0;
  }

  private flush(): void {
    if (this.count === 0) return;
    if (this.length === 0) this.pen.moveTo(this.x, this.first);
    else this.pen.lineTo(this.x, this.first);
    if (this.count > 1) {
      const [one, other] = this.lowFirst ? [this.low, this.high] : [this.high, this.low];
      if (one !== this.first) this.pen.lineTo(this.x, one);
      if (other !== one) this.pen.lineTo(this.x, other);
      if (this.last !== other) this.pen.lineTo(this.x, this.last);
    }
    this.length += this.count;
    this.count = 0;
  }
}
