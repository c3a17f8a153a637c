/**
 * What the charts of one view share: when they are drawn, in which colours, and where the
 * crosshair stands. All charts that changed are drawn in one animation frame, and only
 * those that can be seen.
 */
import type { Axis } from "./axis";
import { type Colors, paper, readColors, watchTheme } from "./theme";

/** The moment of the run that somebody points at. */
export interface Moment {
  /** Seconds since the run's start. */
  readonly time: number;
  /** NaN for what has none: readings of the machine, lines of the console. */
  readonly step: number;
  /** Where it stands on the axis of the chart that it comes from. */
  readonly at?: number;
  readonly axis?: Axis;
}

/** Something that is drawn when it is visible and has changed. */
export interface Drawable {
  readonly element: HTMLElement;
  draw(): void;
  /** Colours are other ones now. */
  recolor(): void;
  /** The crosshair stands at a moment, put there by `from`; nowhere when null. */
  point(moment: Moment | null, from: Drawable | null): void;
}

/** Charts within so many pixels of what can be seen are drawn before they come into view. */
const MARGIN = "160px";
/** Half of a frame at 60 per second: what a view may spend on drawing at a time. */
const BUDGET_MS = 8;

export class Stage {
  colors: Colors;
  private readonly drawables = new Map<Element, Drawable>();
  private readonly visible = new Set<Drawable>();
  private readonly changed = new Set<Drawable>();
  /** Came into view, and does not show the crosshair yet. */
  private readonly fresh = new Set<Drawable>();
  /** Had no size when they were to be drawn. */
  private readonly flat = new WeakSet<Drawable>();
  private readonly listeners = new Set<(moment: Moment | null) => void>();
  private moment: Moment | null = null;
  /** Who put the crosshair there. */
  private from: Drawable | null = null;
  private frame = 0;
  private readonly seen: IntersectionObserver;
  private readonly sized: ResizeObserver;

  constructor(private readonly root: HTMLElement) {
    this.colors = readColors(root);
    this.seen = new IntersectionObserver((entries) => this.see(entries), { rootMargin: MARGIN });
    this.sized = new ResizeObserver((entries) => {
      for (const entry of entries) this.invalidate(this.drawables.get(entry.target));
    });
  }

  /** Starts following the page's theme. Returns the function that frees everything. */
  open(): () => void {
    this.recolor(true);
    const unwatch = watchTheme(() => this.recolor(false));
    const print = () => this.print();
    const printed = paper();
    printed.addEventListener("change", print);
    return () => {
      unwatch();
      printed.removeEventListener("change", print);
      this.seen.disconnect();
      this.sized.disconnect();
      cancelAnimationFrame(this.frame);
      this.drawables.clear();
    };
  }

  add(drawable: Drawable): () => void {
    this.drawables.set(drawable.element, drawable);
    this.changed.add(drawable);
    this.seen.observe(drawable.element);
    this.sized.observe(drawable.element);
    return () => {
      this.seen.unobserve(drawable.element);
      this.sized.unobserve(drawable.element);
      this.drawables.delete(drawable.element);
      this.visible.delete(drawable);
      this.changed.delete(drawable);
      this.fresh.delete(drawable);
    };
  }

  /** Draws one thing, or everything, in the next frame in which it is visible. */
  invalidate(drawable?: Drawable): void {
    if (drawable) this.changed.add(drawable);
    else for (const each of this.drawables.values()) this.changed.add(each);
    this.schedule();
  }

  /**
   * Puts the crosshair of all charts at a moment, or away. A log line or a table may point
   * as a chart does: `stage.point({ time, step: NaN }, null)`. Charts that come into view
   * later show it too.
   */
  point(moment: Moment | null, from: Drawable | null): void {
    this.moment = moment;
    this.from = from;
    for (const drawable of this.visible) drawable.point(moment, from);
    if (from && !this.visible.has(from)) from.point(moment, from);
    for (const listener of this.listeners) listener(moment);
  }

  /** Calls `listener` whenever the crosshair moves. Returns the way to end it. */
  onPoint(listener: (moment: Moment | null) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private see(entries: readonly IntersectionObserverEntry[]): void {
    // A host may attach the view after it was made: only now does it have colours.
    if (entries.some((entry) => entry.isIntersecting)) this.recolor(false);
    for (const entry of entries) {
      const drawable = this.drawables.get(entry.target);
      if (!drawable) continue;
      if (entry.isIntersecting) {
        this.visible.add(drawable);
        this.fresh.add(drawable);
        if (this.moment) this.changed.add(drawable);
      } else if (this.visible.delete(drawable)) drawable.point(null, null);
    }
    this.schedule();
  }

  private schedule(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const end = performance.now() + BUDGET_MS;
      for (const drawable of this.changed) {
        if (!this.visible.has(drawable) || !this.hasSize(drawable)) continue;
        if (performance.now() > end) {
          // The rest is drawn in the next frame, so that the page can scroll in between.
          this.schedule();
          return;
        }
        this.changed.delete(drawable);
        drawable.draw();
        if (this.moment && this.fresh.delete(drawable)) drawable.point(this.moment, this.from);
      }
    });
  }

  /**
   * JupyterLab takes its page out of the layout for a frame when its theme changes, and nobody
   * tells of it: what has no size is looked at again in the next frame, once. Whoever gets a
   * size later is heard of.
   */
  private hasSize(drawable: Drawable): boolean {
    if (drawable.element.clientWidth > 0) {
      this.flat.delete(drawable);
      return true;
    }
    if (!this.flat.has(drawable)) this.schedule();
    this.flat.add(drawable);
    return false;
  }

  /** A printer does not wait for frames, and wants also what would have to be scrolled to. */
  private print(): void {
    this.recolor(true);
    if (!paper().matches) return;
    for (const drawable of this.drawables.values()) drawable.draw();
    this.changed.clear();
  }

  private recolor(always: boolean): void {
    const before = JSON.stringify(this.colors);
    this.colors = readColors(this.root);
    if (!always && JSON.stringify(this.colors) === before) return;
    for (const drawable of this.drawables.values()) drawable.recolor();
    this.invalidate();
  }
}
