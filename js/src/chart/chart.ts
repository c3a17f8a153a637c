/**
 * One chart: a thin layer over uPlot that draws what it is asked to read at that moment.
 * It keeps no data of its own and knows nothing of runs.
 */
import uPlot from "uplot";
import { type Unit, xAxis, yAxis } from "./axes";
import { type Axis, type Content, nearest } from "./content";
import type { Drawable, Moment, Stage } from "./stage";

/** A stretch of the x axis. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What a chart shows; read each time it is drawn. */
export interface Picture {
  readonly content: Content;
  readonly axis: Axis;
  readonly log: boolean;
  readonly unit: Unit;
  /** Number of the series' colour. */
  readonly color: number;
  /** Null: everything. */
  readonly zoom: Range | null;
  /** Fixed ends of the y axis, where the quantity has natural ones. */
  readonly bounds?: readonly [number, number] | undefined;
}

export interface ChartOptions {
  readonly stage: Stage;
  /** Called when it is drawn; null while there is nothing. */
  readonly read: () => Picture | null;
  /** The reader chose a stretch of the x axis, or (null) wants everything again. */
  readonly zoomed: (range: Range | null) => void;
  /** The crosshair stands at a point of this chart (index into its content), or left it. */
  readonly pointed: (index: number | null, here: boolean) => void;
}

const FAINT = 0.28;
const LINE_WIDTH = 1.25;
/** A drag that is this narrow in one direction chooses in the other one only. */
const NARROW_PX = 24;
const DRAG_PX = 6;
/** Marks closer than this would run into each other. */
const MARK_GAP_PX = 9;

export class Chart implements Drawable {
  private plot: uPlot | null = null;
  private picture: Picture | null = null;
  private yZoom: Range | null = null;
  private hovered = false;
  private keyIndex: number | null = null;

  constructor(
    readonly element: HTMLElement,
    private readonly options: ChartOptions,
  ) {}

  /** Starts drawing. Returns the function that frees everything. */
  open(): () => void {
    const remove = this.options.stage.add(this);
    const keys = (event: KeyboardEvent) => this.keyed(event);
    const left = () => this.leave();
    this.element.addEventListener("keydown", keys);
    this.element.addEventListener("blur", left);
    this.options.stage.invalidate(this);
    return () => {
      remove();
      this.element.removeEventListener("keydown", keys);
      this.element.removeEventListener("blur", left);
      this.plot?.destroy();
      this.plot = null;
    };
  }

  draw(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    const picture = this.options.read();
    if (!picture || width === 0 || height === 0) return;
    const before = this.picture;
    this.picture = picture;
    if (before && (before.log !== picture.log || before.axis !== picture.axis)) this.rebuild();
    if (before?.axis !== picture.axis || !picture.zoom) this.yZoom = null;
    this.plot ??= this.build(width, height);
    const { plot } = this;
    const { content } = picture;
    const raw = plot.series[1] as uPlot.Series;
    raw.alpha = content.smoothed.length > 0 ? FAINT : 1;
    plot.batch(() => {
      if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
      plot.setData(aligned(content));
    });
  }

  recolor(): void {
    this.rebuild();
  }

  point(moment: Moment | null, from: Drawable | null): void {
    const { plot, picture } = this;
    if (!plot || !picture) return;
    const x = moment && placeOf(moment, picture.axis);
    const index = x === null ? -1 : nearest(picture.content.x, x);
    const at = picture.content.x[index];
    const inside = at !== undefined && at >= scaleOf(plot).low && at <= scaleOf(plot).high;
    if (from !== this) this.cross(x);
    this.options.pointed(inside ? index : null, from === this);
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
    const color = () => stage.colors.series(this.picture?.color ?? 0);
    const line: uPlot.Series = {
      stroke: color,
      width: LINE_WIDTH,
      points: { size: 4, stroke: color, fill: color, filter: lonely },
    };
    const options: uPlot.Options = {
      width,
      height,
      legend: { show: false },
      padding: [8, 14, 0, 0],
      scales: {
        x: { time: false, range: () => this.xRange() },
        y: { distr: log ? 3 : 1, range: (_, low, high) => this.yRange(low, high) },
      },
      axes: [xAxis(axis, stage), yAxis(log, unit, stage)],
      series: [{}, line, { ...line }],
      cursor: this.cursor(color),
      hooks: {
        draw: [(plot) => this.drawMarks(plot)],
        setCursor: [(plot) => this.cursorMoved(plot)],
        setSelect: [(plot) => this.selected(plot)],
      },
    };
    return new uPlot(options, aligned(picture.content), this.element);
  }

  private cursor(color: () => string): uPlot.Cursor {
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

  private leave(): void {
    this.hovered = false;
    this.keyIndex = null;
    this.cross(null);
    this.options.stage.point(null, this);
  }

  private cursorMoved(plot: uPlot): void {
    if (!this.hovered) return;
    const index = plot.cursor.idx;
    const left = plot.cursor.left ?? -1;
    this.options.stage.point(index == null || left < 0 ? null : this.momentOf(index), this);
  }

  private momentOf(index: number): Moment | null {
    const { times, steps } = this.picture?.content ?? {};
    const time = times?.[index];
    return time === undefined ? null : { time, step: steps?.[index] ?? Number.NaN };
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
      ? scaleOf(plot)
      : { low: plot.posToVal(left, "x"), high: plot.posToVal(left + width, "x") };
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.options.zoomed(range);
    this.options.stage.invalidate(this);
  }

  private reset(): void {
    this.yZoom = null;
    this.options.zoomed(null);
    this.options.stage.invalidate(this);
  }

  /** Arrow keys move along the points, Home and End to the ends, Escape lets go. */
  private keyed(event: KeyboardEvent): void {
    const { plot, picture } = this;
    if (!plot || !picture || picture.content.x.length === 0) return;
    const last = picture.content.x.length - 1;
    const stride = event.shiftKey ? Math.max(1, Math.round(last / 20)) : 1;
    const from = this.keyIndex ?? (event.key === "ArrowRight" ? -1 : last + 1);
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: from - stride,
      ArrowRight: from + stride,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target === undefined) {
      if (event.key === "Escape") this.reset();
      return;
    }
    event.preventDefault();
    this.keyIndex = Math.max(0, Math.min(last, target));
    const x = picture.content.x[this.keyIndex] as number;
    this.cross(x);
    this.options.stage.point(this.momentOf(this.keyIndex), this);
  }

  private xRange(): uPlot.Range.MinMax {
    const zoom = this.picture?.zoom;
    if (zoom) return [zoom.low, zoom.high];
    // Not what uPlot offers: it makes 0 to 100 of a single point.
    const { x = [] } = this.picture?.content ?? {};
    const [first, last] = [x[0] ?? 0, x.at(-1) ?? 1];
    return first === last ? [first - 1, first + 1] : [first, last];
  }

  private yRange(low: number | null, high: number | null): uPlot.Range.MinMax {
    const { yZoom, picture } = this;
    if (yZoom) return [yZoom.low, yZoom.high];
    if (picture?.bounds && !picture.log) return [...picture.bounds] as uPlot.Range.MinMax;
    if (low === null || high === null) return picture?.log ? [0.1, 10] : [0, 1];
    if (picture?.log) return logRange(low, high);
    const room = (high - low) * 0.06 || Math.abs(low) * 0.05 || 1;
    // A quantity that never falls below zero keeps zero as its floor when it comes near.
    const floor = low >= 0 && low < 0.35 * (high - low) ? 0 : low - room;
    return [floor, high <= 0 && high > -0.35 * (high - low) ? 0 : high + room];
  }

  /** A dot at the newest point, and what could not be drawn at its height. */
  private drawMarks(plot: uPlot): void {
    const { picture } = this;
    if (!picture) return;
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    const edge = 4 * uPlot.pxRatio;
    ctx.rect(bbox.left - edge, bbox.top - edge, bbox.width + 2 * edge, bbox.height + 2 * edge);
    ctx.clip();
    ctx.fillStyle = ctx.strokeStyle = this.options.stage.colors.trouble;
    ctx.lineWidth = 1.5 * uPlot.pxRatio;
    let before = Number.NEGATIVE_INFINITY;
    for (const mark of picture.content.marks) {
      const x = Math.round(plot.valToPos(mark.x, "x", true));
      if (x - before < MARK_GAP_PX * uPlot.pxRatio || x < bbox.left || x > bbox.left + bbox.width)
        continue;
      before = x;
      drawMark(ctx, mark.kind, x, bbox);
    }
    if (!picture.zoom) this.drawNewest(plot, picture);
    ctx.restore();
  }

  private drawNewest(plot: uPlot, { content, color }: Picture): void {
    const line = content.smoothed.length > 0 ? content.smoothed : content.raw;
    const index = line.findLastIndex((value) => value !== null);
    if (index < 0) return;
    const { ctx, bbox } = plot;
    const x = plot.valToPos(content.x[index] as number, "x", true);
    const y = plot.valToPos(line[index] as number, "y", true);
    if (x > bbox.left + bbox.width + 1 || y < bbox.top || y > bbox.top + bbox.height) return;
    ctx.fillStyle = this.options.stage.colors.series(color);
    ctx.beginPath();
    ctx.arc(x, y, 2.75 * uPlot.pxRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
}

function aligned(content: Content): uPlot.AlignedData {
  const { x, raw, smoothed } = content;
  return [x, raw, smoothed.length > 0 ? smoothed : new Array<null>(x.length).fill(null)];
}

/** Where a moment stands on an axis; null for one that has no step on an axis of steps. */
function placeOf(moment: Moment, axis: Axis): number | null {
  const place = axis === "step" ? moment.step : moment.time;
  return Number.isNaN(place) ? null : place;
}

function scaleOf(plot: uPlot): Range {
  const { min = 0, max = 1 } = plot.scales.x ?? {};
  return { low: min, high: max };
}

/** Half a decade of room at least, so that a flat curve on a log axis has an axis. */
function logRange(low: number, high: number): uPlot.Range.MinMax {
  const room = Math.max(0.08 * Math.log10(high / low), high / low < 10 ? 0.25 : 0);
  return [low / 10 ** room, high * 10 ** room];
}

/** Points between two gaps, which no line would show. */
function lonely(plot: uPlot, seriesIndex: number, show: boolean): number[] | null {
  if (show) return null;
  const values = plot.data[seriesIndex] ?? [];
  const alone: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) alone.push(i);
  }
  return alone;
}

function drawMark(
  ctx: CanvasRenderingContext2D,
  kind: "nan" | "high" | "low",
  x: number,
  bbox: uPlot.BBox,
): void {
  const size = 3 * uPlot.pxRatio;
  const top = bbox.top + size;
  const bottom = bbox.top + bbox.height - size;
  ctx.beginPath();
  if (kind === "nan") {
    ctx.moveTo(x - size, bottom - size);
    ctx.lineTo(x + size, bottom + size);
    ctx.moveTo(x + size, bottom - size);
    ctx.lineTo(x - size, bottom + size);
    ctx.stroke();
    return;
  }
  const [tip, base] = kind === "high" ? [top - size, top + size] : [bottom + size, bottom - size];
  ctx.moveTo(x, tip);
  ctx.lineTo(x + size, base);
  ctx.lineTo(x - size, base);
  ctx.fill();
}
