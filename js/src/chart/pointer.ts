/**
 * Where a mouse points on a chart: at a place of the screen while it moves, and at a point
 * of the data once it has come to rest, so that axes may go on below it.
 */

/** A chart stands still so long after the mouse moved above it last. */
const HOLD_MS = 4000;

interface PointerOptions {
  /** The place on the x axis of the point that is nearest to one of the screen; null without one. */
  readonly nearest: (left: number) => number | null;
  /** The mouse has come to rest: the axes go on. */
  readonly rested: () => void;
}

export class Pointer {
  /** Where the mouse stands above the plot, CSS pixels; null where it does not. */
  private left: number | null = null;
  /** The place on the x axis at which it came to rest. */
  private anchor: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: PointerOptions) {}

  /** @param holds whether axes stand still meanwhile. */
  moved(left: number, holds: boolean): void {
    this.free();
    this.left = left;
    if (holds) this.timer = setTimeout(() => this.rest(), HOLD_MS);
  }

  /** It points again at what lies under it: the reader has moved the axes. */
  free(): void {
    clearTimeout(this.timer);
    this.anchor = null;
  }

  gone(): void {
    this.free();
    this.left = null;
  }

  /** The place on the x axis that it points at; null where it is away. */
  at(toX: (left: number) => number): number | null {
    return this.left === null ? null : (this.anchor ?? toX(this.left));
  }

  private rest(): void {
    if (this.left !== null) this.anchor = this.options.nearest(this.left);
    this.options.rested();
  }
}
