/**
 * Config on parallel axes, the judged metric on the last: a line per run. A stretch that is
 * brushed on an axis leaves the runs that pass through it, in all tabs.
 */
import { h, Scope, setText } from "../panels/dom";
import type { Tab } from "../panels/tab";
import type { ComparedRun } from "../protocol";
import type { CompareChange, CompareContext } from "./context";
import { Scale } from "./scale";
import { type Column, columnsOf } from "./store";
import { cut, s } from "./svg";
import { nameOf } from "./table-tab";
import { valuesLeftOut } from "./words";

const MOST_AXES = 9;
const MOST_LINES = 500;
const TOP = 40;
const BOTTOM = 18;
const SIDE = 64;
const HANDLE = 18;
/** Above and below the plot and its note. */
const ROOM = 24;
/** A brush that is this short was a click. */
const CLICK_PX = 4;
const NUDGE = 0.05;

interface AxisPlace {
  readonly scale: Scale;
  readonly name: string;
  readonly x: number;
}

export class CompareParallel implements Tab<CompareChange> {
  readonly element = h("div", { class: "nbt-parallel" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly svg = s("svg", { class: "nbt-shapes", role: "group" });
  private readonly lines = s("g");
  private readonly axes = s("g");
  private readonly note = h("p", { class: "nbt-quiet" });
  private readonly clear = h("button", { type: "button", class: "nbt-button", hidden: true });
  private readonly scope: Scope;
  private readonly draw: () => void;
  private visible = false;
  private drag: { readonly axis: AxisPlace; readonly from: number } | null = null;

  constructor(private readonly context: CompareContext) {
    this.scope = new Scope(context.failed);
    this.draw = this.scope.inFrame(() => this.build());
    this.clear.append("Clear brushes");
    this.tools.append(this.clear);
    this.svg.append(this.lines, this.axes);
    this.element.append(this.svg, this.note);
  }

  open(): () => void {
    const sized = new ResizeObserver(() => this.visible && this.draw());
    sized.observe(this.element);
    this.scope.add(() => sized.disconnect());
    this.scope.listen(this.clear, "click", () => {
      this.context.state.brushes.clear();
      this.context.choose();
    });
    return () => this.scope.release();
  }

  update(change: CompareChange): void {
    if (this.visible && (change.runs || change.plotted)) this.draw();
  }

  shown(): void {
    this.visible = true;
    this.draw();
  }

  count(): string {
    return "";
  }

  private columns(): Column[] {
    const { feed, state } = this.context;
    const runs = feed.store.list();
    const found = columnsOf(runs, "config")[0].map((key): Column => ({ tree: "config", key }));
    const config = found.slice(0, MOST_AXES - 1);
    const metric = metricColumn(runs, state.metric, state.goal);
    return metric ? [...config, metric] : config;
  }

  private build(): void {
    const { feed, plotted, state } = this.context;
    const { clientWidth: width, clientHeight } = this.element;
    const height = Math.max(200, clientHeight - Math.max(56, this.note.offsetHeight + ROOM));
    const runs = feed.store.list();
    const columns = this.columns();
    this.clear.hidden = state.brushes.size === 0;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.style.height = `${height}px`;
    this.svg.setAttribute("aria-label", "Parallel coordinates of config and metric");
    if (columns.length < 2 || width === 0) {
      this.lines.replaceChildren();
      this.axes.replaceChildren();
      setText(this.note, "Two runs whose configs differ, and a metric, make axes here.");
      return;
    }
    const step = (width - 2 * SIDE) / (columns.length - 1);
    const axes = columns.map((column, i): AxisPlace => {
      return { scale: new Scale(column, runs), name: nameOf(column), x: SIDE + i * step };
    });
    const here = new Set(plotted().map((run) => run.uid));
    const some = runs.slice(0, MOST_LINES);
    // Those that are left out stand behind the others.
    const ordered = [...some].sort((a, b) => Number(here.has(a.uid)) - Number(here.has(b.uid)));
    this.lines.replaceChildren(
      ...ordered.map((run) => this.line(run, axes, height, here.has(run.uid))),
    );
    this.place(axes.map((axis) => this.axis(axis, height, step)));
    const left = runs.length > some.length ? `, ${runs.length - some.length} older ones not` : "";
    setText(
      this.note,
      `${here.size} of ${runs.length} runs pass${left}.${this.withoutAxis(columns)} Drag along an axis, or focus it and use ` +
        "the arrow keys (with Shift: the upper end), to keep only runs within; Escape lets go.",
    );
  }

  /** An axis that says the same stays: the focus and the pointer that are on it do, too. */
  private place(axes: readonly SVGGElement[]): void {
    if (this.drag) return;
    const focused = this.axes.querySelector<SVGGElement>(":focus")?.dataset.axis;
    const old = [...this.axes.children];
    axes.forEach((axis, i) => {
      if (!old[i]) this.axes.append(axis);
      else if (!old[i].isEqualNode(axis)) old[i].replaceWith(axis);
    });
    for (const one of old.slice(axes.length)) one.remove();
    if (focused !== undefined && !this.axes.querySelector(":focus")) this.focus(focused);
  }

  private focus(name: string): void {
    const axes = [...this.axes.querySelectorAll<SVGGElement>(".nbt-axis")];
    axes.find((one) => one.dataset.axis === name)?.focus({ preventScroll: true });
  }

  private withoutAxis(columns: readonly Column[]): string {
    const { store } = this.context.feed;
    const differing = columnsOf(store.list(), "config")[0].length;
    const left = differing - columns.filter(({ tree }) => tree === "config").length;
    const more = left > 0 ? [`${left} more keys that differ`] : [];
    const words = [...more, ...valuesLeftOut(store.head)];
    return words.length > 0 ? ` No axes: ${words.join(", ")}.` : "";
  }

  private line(
    run: ComparedRun,
    axes: readonly AxisPlace[],
    height: number,
    here: boolean,
  ): SVGElement {
    const points = axes.map(({ scale, x }) => {
      const at = scale.placeOf(run.uid);
      return at === undefined ? null : `${x.toFixed(1)} ${yOf(scale.share(at), height).toFixed(1)}`;
    });
    let path = "";
    points.forEach((point, i) => {
      if (point) path += `${path !== "" && points[i - 1] ? "L" : "M"}${point}`;
    });
    const best = this.context.best() === run.uid ? "yes" : undefined;
    const slot = this.context.color(run.uid) ?? 0;
    const attributes = { d: path, "data-color": slot % 6, "data-best": best };
    const title = s("title", {}, run.name || run.id);
    return s(
      "path",
      { class: here ? "nbt-run-line" : "nbt-run-line nbt-out", ...attributes },
      title,
    );
  }

  private axis(axis: AxisPlace, height: number, room: number): SVGGElement {
    const { scale, x, name } = axis;
    const { key, tree } = scale.column;
    const brush = this.context.state.brushes.get(name);
    const most = Math.max(6, Math.floor(room / 6.5));
    const label = s("text", { x, y: 14, class: "nbt-axis-name", "text-anchor": "middle" });
    label.append(cut(key, most), s("title", {}, key));
    const ticks = scale.ticks(Math.max(3, Math.floor(height / 48))).map(({ at, text }) => {
      const y = yOf(scale.share(at), height);
      return s("text", { x: x + 6, y: y + 4, class: "nbt-axis-tick" }, cut(text, most));
    });
    const group = s("g", { class: "nbt-axis", tabindex: 0, role: "slider" });
    group.dataset.tree = tree;
    group.dataset.axis = name;
    const ends = brush ?? { low: scale.low, high: scale.high };
    group.setAttribute("aria-label", `${key}: runs within`);
    group.setAttribute("aria-orientation", "vertical");
    group.setAttribute("aria-valuemin", String(scale.low));
    group.setAttribute("aria-valuemax", String(scale.high));
    group.setAttribute("aria-valuenow", String(ends.low));
    group.setAttribute("aria-valuetext", brush ? `${ends.low} to ${ends.high}` : "all");
    group.append(s("path", { d: `M${x} ${TOP}V${height - BOTTOM}` }), label, ...ticks);
    if (brush) group.append(brushShape(axis, brush.low, brush.high, height));
    const hit = {
      x: x - HANDLE / 2,
      y: TOP - 6,
      width: HANDLE,
      height: height - TOP - BOTTOM + 12,
    };
    const handle = s("rect", { class: "nbt-axis-hit", ...hit });
    handle.addEventListener("pointerdown", (event) => this.begin(event, axis, handle));
    handle.addEventListener("pointermove", (event) => this.move(event, height));
    handle.addEventListener("pointerup", (event) => this.end(event, height));
    handle.addEventListener("pointercancel", () => this.letGo());
    group.addEventListener("keydown", (event) => this.keyed(event, axis));
    group.append(handle);
    return group;
  }

  private begin(event: PointerEvent, axis: AxisPlace, handle: SVGRectElement): void {
    handle.setPointerCapture(event.pointerId);
    this.drag = { axis, from: this.yAt(event) };
    event.preventDefault();
  }

  private move(event: PointerEvent, height: number): void {
    if (!this.drag) return;
    this.svg.querySelector(".nbt-brush-new")?.remove();
    const [low, high] = this.span(event, height);
    const shape = brushShape(this.drag.axis, low, high, height);
    shape.classList.add("nbt-brush-new");
    this.svg.append(shape);
  }

  private end(event: PointerEvent, height: number): void {
    const { drag } = this;
    if (!drag) return;
    const [low, high] = this.span(event, height);
    const click = Math.abs(this.yAt(event) - drag.from) < CLICK_PX;
    this.letGo();
    this.brush(drag.axis, click ? null : { low, high });
  }

  /** What has changed meanwhile is drawn now. */
  private letGo(): void {
    this.drag = null;
    this.svg.querySelector(".nbt-brush-new")?.remove();
    this.draw();
  }

  private keyed(event: KeyboardEvent, axis: AxisPlace): void {
    const { scale } = axis;
    const moved = { ArrowUp: NUDGE, ArrowRight: NUDGE, ArrowDown: -NUDGE, ArrowLeft: -NUDGE };
    const by = moved[event.key as keyof typeof moved];
    if (event.key === "Escape") this.brush(axis, null);
    if (by === undefined) return;
    event.preventDefault();
    const ends = this.context.state.brushes.get(axis.name) ?? scale;
    const [low, high] = [scale.share(ends.low), scale.share(ends.high)];
    const next = event.shiftKey
      ? { low: ends.low, high: scale.at(clamp(high + by, low, 1)) }
      : { low: scale.at(clamp(low + by, 0, high)), high: ends.high };
    this.brush(axis, next);
  }

  private brush(axis: AxisPlace, ends: { low: number; high: number } | null): void {
    const { brushes } = this.context.state;
    if (ends) brushes.set(axis.name, { column: axis.scale.column, ...ends });
    else if (!brushes.delete(axis.name)) return;
    this.context.choose();
    this.build();
    this.context.say(`${this.context.plotted().length} runs within`);
    this.focus(axis.name);
  }

  private span(event: PointerEvent, height: number): [number, number] {
    const { axis, from } = this.drag as NonNullable<typeof this.drag>;
    const shares = [from, this.yAt(event)].map((y) => clamp(shareOf(y, height), 0, 1)).sort();
    const [low = 0, high = 1] = shares.sort((a, b) => a - b);
    return [axis.scale.at(low), axis.scale.at(high)];
  }

  private yAt(event: PointerEvent): number {
    return event.clientY - this.svg.getBoundingClientRect().top;
  }
}

/** The judged metric in the summaries, as it stands there. */
export function metricColumn(
  runs: readonly ComparedRun[],
  metric: string,
  goal: string,
): Column | null {
  const extremum = goal === "maximize" ? "max" : "min";
  const keys = [`${metric}.best`, `${metric}.${extremum}`, `${metric}.last`, metric];
  const key = keys.find((one) => runs.some((run) => typeof run.summary[one] === "number"));
  return key === undefined ? null : { tree: "summary", key };
}

function brushShape({ scale, x }: AxisPlace, low: number, high: number, height: number) {
  const [top, bottom] = [yOf(scale.share(high), height), yOf(scale.share(low), height)];
  const size = { x: x - 6, y: top, width: 12, height: Math.max(2, bottom - top) };
  return s("rect", { class: "nbt-brush", ...size });
}

function yOf(share: number, height: number): number {
  return height - BOTTOM - share * (height - TOP - BOTTOM);
}

function shareOf(y: number, height: number): number {
  return (height - BOTTOM - y) / (height - TOP - BOTTOM);
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
