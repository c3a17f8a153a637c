/**
 * What the charts of one view share: when they are drawn, in which colours, and where the
 * crosshair stands. All charts that changed are drawn in one animation frame, and only
 * those that can be seen.
 */
import { type Colors, readColors, watchTheme } from "./theme";

/** Something that is drawn when it is visible and has changed. */
export interface Drawable {
  readonly element: HTMLElement;
  draw(): void;
  /** Colours are other ones now. */
  recolor(): void;
  /** The crosshair stands at `x`, put there by `from`; nowhere when null. */
  point(x: number | null, from: Drawable | null): void;
}

/** Charts within so many pixels of what can be seen are drawn before they come into view. */
const MARGIN = "160px";

export class Stage {
  colors: Colors;
  private readonly drawables = new Map<Element, Drawable>();
  private readonly visible = new Set<Drawable>();
  private readonly changed = new Set<Drawable>();
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
    return () => {
      unwatch();
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
    };
  }

  /** Draws one thing, or everything, in the next frame in which it is visible. */
  invalidate(drawable?: Drawable): void {
    if (drawable) this.changed.add(drawable);
    else for (const each of this.drawables.values()) this.changed.add(each);
    this.schedule();
  }

  /** Puts the crosshair of all visible charts at `x`. */
  point(x: number | null, from: Drawable | null): void {
    for (const drawable of this.visible) drawable.point(x, from);
  }

  private see(entries: readonly IntersectionObserverEntry[]): void {
    // A host may attach the view after it was made: only now does it have colours.
    if (entries.some((entry) => entry.isIntersecting)) this.recolor(false);
    for (const entry of entries) {
      const drawable = this.drawables.get(entry.target);
      if (!drawable) continue;
      if (entry.isIntersecting) this.visible.add(drawable);
      else if (this.visible.delete(drawable)) drawable.point(null, null);
    }
    this.schedule();
  }

  private schedule(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      for (const drawable of this.changed) {
        if (!this.visible.has(drawable)) continue;
        this.changed.delete(drawable);
        drawable.draw();
      }
    });
  }

  private recolor(always: boolean): void {
    const before = JSON.stringify(this.colors);
    this.colors = readColors(this.root);
    if (!always && JSON.stringify(this.colors) === before) return;
    for (const drawable of this.drawables.values()) drawable.recolor();
    this.invalidate();
  }
}
