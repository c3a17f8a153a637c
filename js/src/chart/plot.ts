/**
 * Curves on a canvas between two axes, with a crosshair and a box to drag above it. It
 * draws what it is given and tells what the mouse does; it decides nothing. All lengths
 * are CSS pixels, from the upper left corner of the plot's box.
 */
import type { Axis } from "./axis";
import { firstFrom, nearest } from "./content";
import type { Range } from "./ranges";
import type { Stage } from "./stage";
import { type Dot, stroke } from "./stroke";
import { type Ticks, type Unit, xTicks, yTicks } from "./ticks";

export interface Curve {
  readonly x: readonly number[];
  /** One entry per point; null is a gap. */
  readonly y: readonly (number | null)[];
  readonly color: string;
  readonly alpha: number;
  readonly dash: readonly number[];
}

export interface Scene {
  readonly curves: readonly Curve[];
  readonly axis: Axis;
  readonly log: boolean;
  readonly unit: Unit;
  readonly x: Range;
  /** The y axis for the least and the greatest value in `x`; null where there is none. */
  readonly y: (low: number | null, high: number | null) => Range;
  /** Paints what lies under the curves. */
  readonly under?: (plot: Plot) => void;
}

/** A stretch of the box that was dragged over. */
export interface Selection {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What the mouse does. */
export interface Hand {
  readonly left: () => void;
  /** It moved to a place without a button pressed. */
  readonly moved: (left: number, top: number) => void;
  /** @returns whether somebody has taken the gesture. */
  readonly pressed: (event: MouseEvent) => boolean;
  readonly selected: (selection: Selection) => void;
  readonly doubleClicked: () => void;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const LINE_WIDTH = 1.25;
const DOT_RADIUS = 2;
const TOP = 8;
const RIGHT = 14;
const BOTTOM = 22;
const GAP = 6;
/** The room for y labels grows in such steps and never shrinks: labels must not push curves about. */
const ROOM_STEP = 8;
/** A drag that is this narrow in one direction chooses in the other one only. */
const NARROW = 24;
const FEWEST = 6;
/** Marks at the edge are not cut in two. */
const EDGE = 4;

export class Plot {
  readonly canvas = document.createElement("canvas");
  /** What lies above the box and takes the mouse. */
  readonly over = document.createElement("div");
  x: Range = { low: 0, high: 1 };
  y: Range = { low: 0, high: 1 };
  box: Box = { left: 0, top: 0, width: 1, height: 1 };
  private readonly ctx = this.canvas.getContext("2d") as CanvasRenderingContext2D;
  private readonly cross = document.createElement("div");
  private readonly drag = document.createElement("div");
  private readonly points: HTMLElement[] = [];
  private readonly ending = new AbortController();
  private scene: Scene | null = null;
  private room = 0;
  private crossed: number | null = null;

  constructor(
    host: HTMLElement,
    private readonly stage: Stage,
    private readonly hand: Hand,
  ) {
    this.over.className = "nbt-over";
    this.cross.className = "nbt-cross";
    this.drag.className = "nbt-drag";
    this.cross.hidden = this.drag.hidden = true;
    this.over.append(this.drag, this.cross);
    host.append(this.canvas, this.over);
    this.listen();
  }

  destroy(): void {
    this.ending.abort();
    this.canvas.remove();
    this.over.remove();
  }

  draw(scene: Scene, width: number, height: number): void {
    this.scene = scene;
    this.x = scene.x;
    this.y = scene.y(...extremes(scene));
    const tall = Math.max(1, height - TOP - BOTTOM);
    const rows = yTicks(scene.unit, scene.log, this.y, tall);
    this.fit(width, height, tall, rows.labels);
    const columns = xTicks(scene.axis, this.x, this.box.width);
    this.drawAxes(rows, columns);
    scene.under?.(this);
    this.paint((ctx) => {
      for (const curve of scene.curves) this.drawCurve(ctx, curve);
    }, 0);
    this.placeCross();
  }

  /** Paints inside the box, or so many pixels around it; the origin is the box's. */
  paint(work: (ctx: CanvasRenderingContext2D) => void, edge = EDGE): void {
    const { ctx, box } = this;
    ctx.save();
    ctx.translate(box.left, box.top);
    ctx.beginPath();
    ctx.rect(-edge, -edge, box.width + 2 * edge, box.height + 2 * edge);
    ctx.clip();
    work(ctx);
    ctx.restore();
  }

  toX(value: number): number {
    return ((value - this.x.low) / (this.x.high - this.x.low)) * this.box.width;
  }

  toY(value: number): number {
    const [low, high, at] = this.scene?.log
      ? [Math.log10(this.y.low), Math.log10(this.y.high), Math.log10(value)]
      : [this.y.low, this.y.high, value];
    return (1 - (at - low) / (high - low)) * this.box.height;
  }

  xAt(left: number): number {
    return this.x.low + (left / this.box.width) * (this.x.high - this.x.low);
  }

  yAt(top: number): number {
    const share = 1 - top / this.box.height;
    const { low, high } = this.y;
    return this.scene?.log ? low * (high / low) ** share : low + share * (high - low);
  }

  get isLog(): boolean {
    return this.scene?.log ?? false;
  }

  /** Puts the crosshair to a place of the x axis, or away. */
  point(x: number | null): void {
    this.crossed = x;
    this.placeCross();
  }

  /** Where the crosshair stands on the x axis; null where it is away. */
  get pointed(): number | null {
    return this.crossed;
  }

  private placeCross(): void {
    const { crossed, x } = this;
    const inside = crossed !== null && crossed >= x.low && crossed <= x.high;
    this.cross.hidden = !inside;
    if (inside) this.cross.style.transform = `translateX(${this.toX(crossed)}px)`;
    const curves = this.scene?.curves ?? [];
    while (this.points.length < curves.length) this.points.push(this.newPoint());
    this.points.forEach((point, i) => {
      const curve = curves[i];
      const index = inside && curve ? nearest(curve.x, crossed) : -1;
      const value = curve?.y[index];
      point.hidden = value == null;
      if (!curve || value == null) return;
      const [left, top] = [this.toX(curve.x[index] as number), this.toY(value)];
      point.hidden = left < 0 || left > this.box.width || top < 0 || top > this.box.height;
      point.style.transform = `translate(${left}px, ${top}px)`;
      point.style.background = curve.color;
    });
  }

  private newPoint(): HTMLElement {
    const point = document.createElement("div");
    point.className = "nbt-cross-point";
    this.over.append(point);
    return point;
  }

  private fit(width: number, height: number, tall: number, labels: readonly string[]): void {
    const ratio = devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      this.canvas.width = wide;
      this.canvas.height = high;
    }
    const { ctx, stage } = this;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.font = stage.colors.font;
    const widest = Math.max(0, ...labels.map((label) => ctx.measureText(label).width));
    this.room = Math.max(this.room, ROOM_STEP * Math.ceil((widest + GAP + 4) / ROOM_STEP));
    const left = this.room;
    this.box = { left, top: TOP, width: Math.max(1, width - left - RIGHT), height: tall };
    const { style } = this.over;
    style.left = `${left}px`;
    style.top = `${TOP}px`;
    style.width = `${this.box.width}px`;
    style.height = `${tall}px`;
  }

  private drawAxes(rows: Ticks, columns: Ticks): void {
    const { ctx, box, stage } = this;
    const hair = 1 / (devicePixelRatio || 1);
    ctx.fillStyle = stage.colors.grid;
    const tops = rows.at.map((at) => box.top + this.toY(at));
    for (const top of tops) {
      ctx.fillRect(box.left, Math.round(top / hair) * hair, box.width, Math.max(hair, 1));
    }
    ctx.fillStyle = stage.colors.text;
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    rows.labels.forEach((label, i) => {
      ctx.fillText(label, box.left - GAP, tops[i] as number);
    });
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    columns.labels.forEach((label, i) => {
      const left = box.left + this.toX(columns.at[i] as number);
      ctx.fillText(label, left, box.top + box.height + GAP);
    });
  }

  private drawCurve(ctx: CanvasRenderingContext2D, curve: Curve): void {
    ctx.globalAlpha = curve.alpha;
    ctx.strokeStyle = ctx.fillStyle = curve.color;
    ctx.lineWidth = LINE_WIDTH;
    ctx.lineJoin = "round";
    ctx.setLineDash([...curve.dash]);
    ctx.beginPath();
    const map = { x: (value: number) => this.toX(value), y: (value: number) => this.toY(value) };
    const dots = stroke(ctx, curve.x, curve.y, this.x, map, devicePixelRatio || 1);
    ctx.stroke();
    for (const dot of dots) drawDot(ctx, dot);
  }

  private listen(): void {
    const { over, hand } = this;
    const { signal } = this.ending;
    over.addEventListener("mouseleave", () => hand.left(), { signal });
    over.addEventListener("dblclick", () => hand.doubleClicked(), { signal });
    over.addEventListener("mousemove", (event) => this.moved(event), { signal });
    over.addEventListener("mousedown", (event) => this.pressed(event), { signal });
  }

  private moved(event: MouseEvent): void {
    const { left, top } = this.within(event);
    this.hand.moved(left, top);
  }

  private within(event: MouseEvent): { readonly left: number; readonly top: number } {
    const { left, top } = this.over.getBoundingClientRect();
    return {
      left: Math.max(0, Math.min(this.box.width, event.clientX - left)),
      top: Math.max(0, Math.min(this.box.height, event.clientY - top)),
    };
  }

  private pressed(event: MouseEvent): void {
    if (this.hand.pressed(event) || event.button !== 0) return;
    event.preventDefault();
    const from = this.within(event);
    let selection: Selection | null = null;
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, this.ending.signal]);
    const show = (to: MouseEvent) => {
      selection = selectionOf(from, this.within(to), this.box);
      this.showDrag(selection);
    };
    const end = () => {
      done.abort();
      this.showDrag(null);
      if (selection) this.hand.selected(selection);
    };
    document.addEventListener("mousemove", show, { signal });
    document.addEventListener("mouseup", end, { signal });
  }

  private showDrag(selection: Selection | null): void {
    this.drag.hidden = selection === null;
    if (!selection) return;
    const { style } = this.drag;
    for (const side of ["left", "top", "width", "height"] as const) {
      style[side] = `${selection[side]}px`;
    }
  }
}

function selectionOf(
  from: { readonly left: number; readonly top: number },
  to: { readonly left: number; readonly top: number },
  box: Box,
): Selection | null {
  const [width, height] = [Math.abs(to.left - from.left), Math.abs(to.top - from.top)];
  if (Math.max(width, height) < FEWEST) return null;
  const across = width >= NARROW || height < NARROW;
  const upright = height >= NARROW;
  return {
    left: across ? Math.min(from.left, to.left) : 0,
    width: across ? width : box.width,
    top: upright ? Math.min(from.top, to.top) : 0,
    height: upright ? height : box.height,
  };
}

function drawDot(ctx: CanvasRenderingContext2D, { x, y }: Dot): void {
  ctx.beginPath();
  ctx.arc(x, y, DOT_RADIUS, 0, 2 * Math.PI);
  ctx.fill();
}

/** The least and the greatest value of all curves that the x axis shows. */
function extremes({ curves, x, log }: Scene): [number | null, number | null] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const curve of curves) {
    for (let i = firstFrom(curve.x, x.low); (curve.x[i] ?? Infinity) <= x.high; i++) {
      const value = curve.y[i];
      if (value == null || (log && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : [null, null];
}
