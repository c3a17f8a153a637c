/**
 * One chart: a thin layer over uPlot that draws what it is asked to read at that moment.
 * It keeps no data of its own and knows nothing of runs.
 */
import uPlot from "uplot";
import { aligned } from "./align";
import { type Area, areaRange, drawAreas } from "./areas";
import { type Unit, xAxis, yAxis } from "./axes";
import { type Axis, placeOf } from "./axis";
import { type Content, nearest } from "./content";
import { keyed, panning, wheeled } from "./gestures";
import { drawMarks, drawNewest } from "./marks";
import { type Clipped, clippedRange, type Range, valueRange, wholeRange, within } from "./ranges";
import type { Drawable, Moment, Stage } from "./stage";

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
  /** The crosshair stands at a place of the x axis, or left it; `here`: over this chart. */
  readonly pointed: (x: number | null, here: boolean) => void;
  /** What was left out of the y axis when it was drawn last. */
  readonly clipped?: (clipped: Clipped | null) => void;
  /** A key was pressed that the chart has no use for; true when somebody had. */
  readonly key?: (event: KeyboardEvent) => boolean;
}

const FAINT = 0.28;
const LINE_WIDTH = 1.25;
/** A drag that is this narrow in one direction chooses in the other one only. */
const NARROW_PX = 24;
const DRAG_PX = 6;
/** While somebody points at a chart and moves, it stands still; so long after, it goes on. */
const HOLD_MS = 4000;

export class Chart implements Drawable {
  private plot: uPlot | null = null;
  private picture: Picture | null = null;
  private built = "";
  private yZoom: Range | null = null;
  private hovered = false;
  /** What was asked for since it was drawn last: keys come faster than frames. */
  private next: Range | null = null;
  /** Where the keyboard's crosshair stands. */
  private keyX: number | null = null;
  private held: { readonly x: Range; readonly y: Range } | null = null;
  private holding: ReturnType<typeof setTimeout> | undefined;
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
      clearTimeout(this.holding);
      this.element.removeEventListener("keydown", keys);
      this.element.removeEventListener("blur", left);
      this.element.removeEventListener("wheel", wheel);
      this.rebuild();
    };
  }

  /** The canvas, for those who copy the picture; null before it is drawn. */
  get canvas(): HTMLCanvasElement | null {
    return this.plot?.ctx.canvas ?? null;
  }

  /** What is drawn, and the ends of its axes. */
  get shown(): { readonly picture: Picture; readonly x: Range; readonly y: Range } | null {
    const { plot, picture } = this;
    return plot && picture ? { picture, x: scaleOf(plot, "x"), y: scaleOf(plot, "y") } : null;
  }

  draw(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    const picture = this.options.read();
    if (!picture || width === 0 || height === 0) return;
    const before = this.picture;
    this.picture = picture;
    this.next = null;
    if (builtFor(picture) !== this.built) this.rebuild();
    // Only what comes by itself is held back, not what the reader asks for.
    if (before && asked(before) !== asked(picture)) this.held = null;
    if (before?.axis !== picture.axis || !picture.zoom) this.yZoom = null;
    this.plot ??= this.build(width, height);
    const { plot } = this;
    picture.lines.forEach(({ content, faint }, i) => {
      const behind = faint || content.smoothed.length > 0;
      (plot.series[2 * i + 1] as uPlot.Series).alpha = behind ? FAINT : 1;
    });
    plot.batch(() => {
      if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
      plot.setData(aligned(picture.lines.map((line) => line.content)));
    });
    this.options.clipped?.(this.clipped);
  }

  recolor(): void {
    this.rebuild();
  }

  point(moment: Moment | null, from: Drawable | null): void {
    const { plot, picture } = this;
    if (!plot || !picture) return;
    const x = moment && this.xOf(moment);
    const { low, high } = scaleOf(plot, "x");
    const inside = x !== null && x >= low && x <= high;
    if (from !== this) this.cross(x);
    this.options.pointed(inside ? x : null, from === this);
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

  /** Puts the crosshair there, or away, without telling anybody. */
  private cross(x: number | null): void {
    const { plot } = this;
    const left = x === null ? -10 : (plot?.valToPos(x, "x") ?? -10);
    const away = x === null || left < 0 || left > (plot?.over.clientWidth ?? 0);
    plot?.setCursor({ left: away ? -10 : left, top: away ? -10 : 0 }, false);
  }

  private rebuild(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private build(width: number, height: number): uPlot {
    const { stage } = this.options;
    const picture = this.picture as Picture;
    const { axis, log, unit } = picture;
    this.built = builtFor(picture);
    const options: uPlot.Options = {
      width,
      height,
      legend: { show: false },
      padding: [8, 14, 0, 0],
      scales: {
        x: { time: false, range: () => ends(this.xRange()) },
        y: { distr: log ? 3 : 1, range: (_, low, high) => ends(this.yRange(low, high)) },
      },
      axes: [xAxis(axis, stage), yAxis(log, unit, stage)],
      series: [{}, ...picture.lines.flatMap((_, i) => this.pair(i))],
      cursor: this.cursor(),
      hooks: {
        drawAxes: [(plot) => drawAreas(plot, this.picture?.areas ?? [], stage.colors)],
        draw: [(plot) => this.drawMarks(plot)],
        setCursor: [(plot) => this.cursorMoved(plot)],
        setSelect: [(plot) => this.selected(plot)],
      },
    };
    const data = aligned(picture.lines.map((line) => line.content));
    return new uPlot(options, data, this.element);
  }

  /** A line and its smoothed one. */
  private pair(index: number): [uPlot.Series, uPlot.Series] {
    const line = () => this.picture?.lines[index];
    const color = () => this.options.stage.colors.series(line()?.color ?? 0);
    const series: uPlot.Series = {
      stroke: color,
      width: LINE_WIDTH,
      dash: [...(line()?.dash ?? [])],
      points: { size: 4, stroke: color, fill: color, filter: lonely },
    };
    return [series, { ...series }];
  }

  private cursor(): uPlot.Cursor {
    const { colors } = this.options.stage;
    const color = (_: uPlot, index: number) =>
      colors.series(this.picture?.lines[(index - 1) >> 1]?.color ?? 0);
    return {
      y: false,
      drag: { x: true, y: true, uni: NARROW_PX, dist: DRAG_PX, setScale: false },
      points: {
        size: 8,
        width: 2,
        fill: color,
        stroke: () => this.options.stage.colors.background,
      },
      bind: {
        dblclick: () => () => {
          this.reset();
          return null;
        },
        mousedown: (plot, _, handler) => (event) => {
          const range = scaleOf(plot, "x");
          const width = plot.over.clientWidth;
          if (!panning(event, range, width, (next) => this.show(next))) handler(event);
          return null;
        },
        mousemove: (_, __, handler) => (event) => {
          this.hold();
          handler(event);
          return null;
        },
        mouseleave: (_, __, handler) => (event) => {
          handler(event);
          this.leave();
          return null;
        },
        mouseenter: (_, __, handler) => (event) => {
          this.hovered = true;
          handler(event);
          return null;
        },
      },
    };
  }

  /** Keeps both axes where they are: what comes must not move what is pointed at. */
  private hold(): void {
    const { plot, picture } = this;
    if (!plot || !this.hovered || picture?.zoom) return;
    this.held ??= { x: scaleOf(plot, "x"), y: scaleOf(plot, "y") };
    clearTimeout(this.holding);
    this.holding = setTimeout(() => this.release(), HOLD_MS);
  }

  private release(): void {
    clearTimeout(this.holding);
    if (!this.held) return;
    this.held = null;
    this.options.stage.invalidate(this);
  }

  private leave(): void {
    this.hovered = false;
    this.keyX = null;
    this.release();
    this.cross(null);
    this.options.stage.point(null, this);
  }

  private cursorMoved(plot: uPlot): void {
    if (!this.hovered) return;
    const index = plot.cursor.idx;
    const left = plot.cursor.left ?? -1;
    const x = index == null || left < 0 ? undefined : plot.data[0][index];
    this.options.stage.point(x === undefined ? null : this.momentAt(x), this);
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

  private selected(plot: uPlot): void {
    const { left, top, width, height } = plot.select;
    if (width <= 0 && height <= 0) return;
    const flat = height >= plot.over.clientHeight || height === 0;
    if (!flat && height > 0) {
      this.yZoom = {
        low: plot.posToVal(top + height, "y"),
        high: plot.posToVal(top, "y"),
      };
    }
    const whole = width >= plot.over.clientWidth;
    const range = whole
      ? scaleOf(plot, "x")
      : { low: plot.posToVal(left, "x"), high: plot.posToVal(left + width, "x") };
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.release();
    this.options.zoomed(range);
    this.options.stage.invalidate(this);
  }

  private wheeled(event: WheelEvent): void {
    const { plot, picture } = this;
    // Where everything is shown there is nowhere to move: the page scrolls.
    if (!plot || !(picture?.zoom || event.ctrlKey || event.metaKey)) return;
    const left = event.clientX - plot.over.getBoundingClientRect().left;
    const next = wheeled(event, this.along(plot), plot.posToVal(left, "x"));
    if (next) this.show(next);
  }

  private keyed(event: KeyboardEvent): void {
    const { plot, picture } = this;
    if (event.target !== this.element || !plot || !picture) return;
    const x = this.keyX ?? this.pointX(plot);
    const done = keyed(event, { range: this.along(plot), x, points: plot.data[0] });
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
  private along(plot: uPlot): Range {
    return this.next ?? scaleOf(plot, "x");
  }

  private pointX(plot: uPlot): number | null {
    const { left = -1 } = plot.cursor;
    return left < 0 ? null : plot.posToVal(left, "x");
  }

  private pointAt(x: number): void {
    this.keyX = x;
    this.cross(x);
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

  private drawMarks(plot: uPlot): void {
    const { picture } = this;
    if (!picture) return;
    const { colors } = this.options.stage;
    drawMarks(plot, picture.lines, colors);
    if (!picture.zoom) drawNewest(plot, picture.lines, colors);
  }
}

/** What a plot is built for: with anything else it has to be built anew. */
function builtFor({ axis, log, unit, lines }: Picture): string {
  return [axis, log, unit, ...lines.map((line) => line.dash ?? "")].join("\n");
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

function scaleOf(plot: uPlot, key: "x" | "y"): Range {
  const { min, max } = plot.scales[key] ?? {};
  return { low: min ?? 0, high: max ?? 1 };
}

function ends({ low, high }: Range): uPlot.Range.MinMax {
  return [low, high];
}

/** Points between two gaps, which no line would show. */
function lonely(plot: uPlot, seriesIndex: number, show: boolean): number[] | null {
  if (show) return null;
  const values = plot.data[seriesIndex] ?? [];
  const alone: number[] = [];
  let from = -1;
  let count = 0;
  const end = () => {
    if (count === 1) alone.push(from);
    count = 0;
  };
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) end();
    else if (values[i] !== undefined) {
      from = i;
      count++;
    }
  }
  end();
  return alone;
}
