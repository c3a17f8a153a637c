/**
 * One chart: a plot that draws what it is asked to read at that moment, and what a reader
 * does with it. It keeps no data of its own and knows nothing of runs.
 */
import { type Area, areaRange, drawAreas } from "./areas";
import { type Axis, placeOf } from "./axis";
import { type Content, nearest } from "./content";
import { keyed, panning, wheeled } from "./gestures";
import { drawMarks, drawNewest } from "./marks";
import { type Curve, Plot, type Selection } from "./plot";
import { Pointer } from "./pointer";
import { type Clipped, clippedRange, type Range, valueRange, wholeRange, within } from "./ranges";
import type { Drawable, Moment, Stage } from "./stage";
import type { Unit } from "./ticks";

/** One line of a chart. */
export interface Line {
  readonly content: Content;
  /** Number of its colour; the same hues come again with dashes. */
  readonly color: number;
  /** Lengths of dashes and gaps, CSS pixels; none for a solid line. */
  readonly dash?: readonly number[] | undefined;
  /** Whether it stands behind others. */
  readonly faint?: boolean;
}

/** What a chart shows; read each time it is drawn. */
export interface Picture {
  readonly lines: readonly Line[];
  /** What is filled below the lines. */
  readonly areas?: readonly Area[];
  readonly axis: Axis;
  readonly log: boolean;
  readonly unit: Unit;
  /** Null: everything. */
  readonly zoom: Range | null;
  /** Fixed ends of the y axis, where the quantity has natural ones. */
  readonly bounds?: readonly [number, number] | undefined;
  /** Whether outliers may be left out. */
  readonly clip?: boolean;
  /** Where the wall's clock stood at time 0, see `wallClock`. */
  readonly origin_s?: number;
}

export interface ChartOptions {
  readonly stage: Stage;
  /** Called when it is drawn; null while there is nothing. */
  readonly read: () => Picture | null;
  /** The reader chose a stretch of the x axis, or (null) wants everything again. */
  readonly zoomed: (range: Range | null) => void;
  /**
   * The crosshair stands at a place of the x axis, or left it; `here`: over this chart.
   * `y` is the height of the mouse, null without one.
   */
  readonly pointed: (x: number | null, here: boolean, y: number | null) => void;
  /** What was left out of the y axis when it was drawn last. */
  readonly clipped?: (clipped: Clipped | null) => void;
  /** A key was pressed that the chart has no use for; true when somebody had. */
  readonly key?: (event: KeyboardEvent) => boolean;
}

/** How much is seen of a line that stands behind others. */
export const FAINT_ALPHA = 0.28;

export class Chart implements Drawable {
  private plot: Plot | null = null;
  private picture: Picture | null = null;
  private yZoom: Range | null = null;
  private readonly pointer = new Pointer({
    nearest: (left) => (this.plot && this.momentAt(this.plot.xAt(left))?.at) ?? null,
    rested: () => this.letGo(),
  });
  /** How far below the plot's upper edge the mouse stands; null where it does not. */
  private top: number | null = null;
  /** What was asked for since it was drawn last: keys come faster than frames. */
  private next: Range | null = null;
  /** Where the keyboard's crosshair stands. */
  private keyX: number | null = null;
  private held: { readonly x: Range; readonly y: Range } | null = null;
  private clipped: Clipped | null = null;

  constructor(
    readonly element: HTMLElement,
    private readonly options: ChartOptions,
  ) {}

  /** Starts drawing. Returns the function that frees everything. */
  open(): () => void {
    const remove = this.options.stage.add(this);
    const keys = (event: KeyboardEvent) => this.keyed(event);
    const left = () => this.leave();
    const wheel = (event: WheelEvent) => this.wheeled(event);
    this.element.addEventListener("keydown", keys);
    this.element.addEventListener("blur", left);
    this.element.addEventListener("wheel", wheel, { passive: false });
    this.options.stage.invalidate(this);
    return () => {
      remove();
      this.pointer.gone();
      this.element.removeEventListener("keydown", keys);
      this.element.removeEventListener("blur", left);
      this.element.removeEventListener("wheel", wheel);
      this.plot?.destroy();
      this.plot = null;
    };
  }

  /** The canvas, for those who copy the picture; null before it is drawn. */
  get canvas(): HTMLCanvasElement | null {
    return this.plot?.canvas ?? null;
  }

  /** What is drawn, and the ends of its axes. */
  get shown(): { readonly picture: Picture; readonly x: Range; readonly y: Range } | null {
    const { plot, picture } = this;
    return plot && picture ? { picture, x: plot.x, y: plot.y } : null;
  }

  draw(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    const picture = this.options.read();
    if (!picture || width === 0 || height === 0) return;
    const before = this.picture;
    this.picture = picture;
    this.next = null;
    // Only what comes by itself is held back, not what the reader asks for.
    if (before && asked(before) !== asked(picture)) this.held = null;
    if (before?.axis !== picture.axis) this.pointer.free();
    if (before?.axis !== picture.axis || !picture.zoom) this.yZoom = null;
    this.plot ??= this.build();
    const { axis, log, unit } = picture;
    const curves = picture.lines.flatMap((line) => this.curvesOf(line));
    const y = (low: number | null, high: number | null) => this.yRange(low, high);
    const under = (plot: Plot) => drawAreas(plot, picture.areas ?? [], this.options.stage.colors);
    this.plot.draw({ curves, axis, log, unit, x: this.xRange(), y, under }, width, height);
    this.drawMarks(this.plot);
    this.options.clipped?.(this.clipped);
    this.follow(this.plot);
  }

  recolor(): void {
    this.options.stage.invalidate(this);
  }

  point(moment: Moment | null, from: Drawable | null): void {
    const { plot, picture } = this;
    if (!plot || !picture) return;
    const x = moment && this.xOf(moment);
    const { low, high } = plot.x;
    const inside = x !== null && x >= low && x <= high;
    if (from !== this) plot.point(x);
    const y = this.top === null ? null : plot.yAt(this.top);
    this.options.pointed(inside ? x : null, from === this, y);
  }

  /** Shows a stretch of the x axis, kept within what there is. */
  show(range: Range): void {
    const whole = wholeRange(this.picture?.lines.map((line) => line.content) ?? []);
    this.release();
    this.next = within(range, whole) ?? whole;
    this.options.zoomed(within(range, whole));
    this.options.stage.invalidate(this);
  }

  /** Shows everything again. */
  reset(): void {
    this.yZoom = this.next = null;
    this.release();
    this.options.zoomed(null);
    this.options.stage.invalidate(this);
  }

  private build(): Plot {
    return new Plot(this.element, this.options.stage, {
      left: () => this.leave(),
      moved: (left, top) => this.moved(left, top),
      pressed: (event) => this.pressed(event),
      selected: (selection) => this.selected(selection),
      doubleClicked: () => this.reset(),
    });
  }

  /** A line and, over it, its smoothed one. */
  private curvesOf({ content, color, dash = [], faint = false }: Line): Curve[] {
    const { x, raw, smoothed } = content;
    const line = { x, color: this.options.stage.colors.series(color), dash };
    if (smoothed.length === 0) return [{ ...line, y: raw, alpha: faint ? FAINT_ALPHA : 1 }];
    return [
      { ...line, y: raw, alpha: FAINT_ALPHA },
      { ...line, y: smoothed, alpha: 1 },
    ];
  }

  private moved(left: number, top: number): void {
    const { plot } = this;
    if (!plot) return;
    this.top = top;
    const holds = !this.picture?.zoom;
    this.pointer.moved(left, holds);
    // What comes must not move what is pointed at.
    if (holds) this.held ??= { x: plot.x, y: plot.y };
    this.follow(plot);
  }

  /** Points at what the mouse points at, which may lie somewhere else than a moment ago. */
  private follow(plot: Plot): void {
    const x = this.pointer.at((left) => plot.xAt(left));
    if (x === null) return;
    plot.point(x);
    this.options.stage.point(this.momentAt(x), this);
  }

  private pressed(event: MouseEvent): boolean {
    const { plot } = this;
    if (!plot) return true;
    return panning(event, plot.x, plot.box.width, (next) => this.show(next));
  }

  /** The reader moves the axes. */
  private release(): void {
    this.pointer.free();
    this.letGo();
  }

  /** Axes may move by themselves again. */
  private letGo(): void {
    if (!this.held) return;
    this.held = null;
    this.options.stage.invalidate(this);
  }

  private leave(): void {
    this.pointer.gone();
    this.top = this.keyX = null;
    this.letGo();
    this.plot?.point(null);
    this.options.stage.point(null, this);
  }

  /** The moment of the point that is nearest to a place of the x axis. */
  private momentAt(x: number): Moment | null {
    let found: Moment | null = null;
    let best = Number.POSITIVE_INFINITY;
    for (const { content } of this.picture?.lines ?? []) {
      const index = nearest(content.x, x);
      const distance = Math.abs((content.x[index] ?? Number.POSITIVE_INFINITY) - x);
      if (index < 0 || distance >= best) continue;
      best = distance;
      const [time, step] = [content.times[index] as number, content.steps[index] as number];
      found = { time, step, at: content.x[index] as number, axis: this.picture?.axis ?? "step" };
    }
    return found;
  }

  /** Where a moment of any chart stands on the x axis of this one. */
  private xOf(moment: Moment): number | null {
    const { axis, lines, origin_s = 0 } = this.picture as Picture;
    if (moment.axis === axis && moment.at !== undefined) return moment.at;
    const place = placeOf(moment, axis, origin_s);
    return place ?? nearestInTime(lines, moment.time);
  }

  private selected({ left, top, width, height }: Selection): void {
    const { plot } = this;
    if (!plot) return;
    if (height < plot.box.height) {
      this.yZoom = { low: plot.yAt(top + height), high: plot.yAt(top) };
    }
    const whole = width >= plot.box.width;
    const range = whole ? plot.x : { low: plot.xAt(left), high: plot.xAt(left + width) };
    this.release();
    this.options.zoomed(range);
    this.options.stage.invalidate(this);
  }

  private wheeled(event: WheelEvent): void {
    const { plot, picture } = this;
    // Where everything is shown there is nowhere to move: the page scrolls.
    if (!plot || !(picture?.zoom || event.ctrlKey || event.metaKey)) return;
    const left = event.clientX - plot.over.getBoundingClientRect().left;
    const next = wheeled(event, this.along(plot), plot.xAt(left));
    if (next) this.show(next);
  }

  private keyed(event: KeyboardEvent): void {
    if (event.target !== this.element) return;
    // A chart that just came into view may not have been drawn yet.
    if (!this.plot) this.draw();
    const { plot, picture } = this;
    if (!plot || !picture) return;
    const x = this.keyX ?? plot.pointed;
    const done = keyed(event, { range: this.along(plot), x, points: placesOf(picture.lines) });
    if (done === null) {
      if (this.options.key?.(event)) event.preventDefault();
      return;
    }
    event.preventDefault();
    if (done === "reset") this.reset();
    else if (typeof done === "object") this.show(done);
    else this.pointAt(done);
  }

  /** The part of the x axis that is shown, or will be in the next frame. */
  private along(plot: Plot): Range {
    return this.next ?? plot.x;
  }

  private pointAt(x: number): void {
    this.keyX = x;
    this.plot?.point(x);
    this.options.stage.point(this.momentAt(x), this);
  }

  private xRange(): Range {
    if (this.held) return this.held.x;
    return this.picture?.zoom ?? wholeRange(this.picture?.lines.map((one) => one.content) ?? []);
  }

  private yRange(low: number | null, high: number | null): Range {
    this.clipped = null;
    if (this.held) return this.held.y;
    if (this.yZoom) return this.yZoom;
    const { bounds, log = false, clip = false, lines = [] } = this.picture ?? {};
    if (bounds && !log) return { low: bounds[0], high: bounds[1] };
    if (clip) {
      const contents = lines.map((line) => line.content);
      this.clipped = clippedRange(contents, this.xRange(), log);
    }
    const { range } = this.clipped ?? {};
    const all = areaRange(this.picture?.areas ?? [], this.xRange(), { low, high }, log);
    return valueRange(range?.low ?? all.low, range?.high ?? all.high, log);
  }

  private drawMarks(plot: Plot): void {
    const { picture } = this;
    if (!picture) return;
    const { colors } = this.options.stage;
    drawMarks(plot, picture.lines, colors);
    if (!picture.zoom) drawNewest(plot, picture.lines, colors);
  }
}

/** What a reader has chosen about a picture. */
function asked({ axis, log, clip, zoom, lines }: Picture): string {
  return [axis, log, clip, zoom?.low, zoom?.high, lines.length].join();
}

function nearestInTime(lines: readonly Line[], time: number): number | null {
  let found: number | null = null;
  let best = Number.POSITIVE_INFINITY;
  for (const { content } of lines) {
    content.times.forEach((at, i) => {
      if (Math.abs(at - time) >= best) return;
      best = Math.abs(at - time);
      found = content.x[i] as number;
    });
  }
  return found;
}

/** The places of the x axis at which any line has a point, ascending. */
function placesOf(lines: readonly Line[]): number[] {
  const [first, ...others] = lines.map((line) => line.content.x);
  if (!first || others.length === 0) return first ?? [];
  return [...new Set(lines.flatMap((line) => line.content.x))].sort((a, b) => a - b);
}
