/** Any value of configs and summaries over any other, a point per run. */
import { h, Scope, setText } from "../panels/dom";
import type { Tab } from "../panels/tab";
import { Chooser, pressed } from "../panels/tools";
import type { ComparedRun } from "../protocol";
import type { CompareChange, CompareContext } from "./context";
import { metricColumn } from "./parallel-tab";
import { Scale } from "./scale";
import { type Column, columnsOf, valueIn } from "./store";
import { cut, s } from "./svg";
import { nameOf } from "./table-tab";
import { shortText, valuesLeftOut } from "./words";

const LEFT = 64;
const RIGHT = 20;
const TOP = 28;
const BOTTOM = 46;
const RADIUS = 5;
/** Above and below the plot and its note. */
const ROOM = 24;

interface Point {
  readonly run: ComparedRun;
  readonly x: number;
  readonly y: number;
}

export class CompareScatter implements Tab<CompareChange> {
  readonly element = h("div", { class: "nbt-scatter" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly svg = s("svg", { class: "nbt-shapes", role: "img", tabindex: 0 });
  private readonly tip = h("div", { class: "nbt-tip", hidden: true });
  private readonly note = h("p", { class: "nbt-quiet" });
  private readonly x: Chooser<string>;
  private readonly y: Chooser<string>;
  private readonly scope: Scope;
  private readonly draw: () => void;
  private points: readonly Point[] = [];
  private at = -1;
  private visible = false;

  constructor(private readonly context: CompareContext) {
    const { state } = context;
    this.scope = new Scope(context.failed);
    this.draw = this.scope.inFrame(() => this.build());
    this.x = new Chooser(this.scope, "From left to right", (name) => {
      state.scatterX = name;
      this.draw();
    });
    this.y = new Chooser(this.scope, "From bottom to top", (name) => {
      state.scatterY = name;
      this.draw();
    });
    const logs = (["x", "y"] as const).map((axis) =>
      pressed(this.scope, `log ${axis}`, state.scatterLog.has(axis), (on) => {
        if (on) state.scatterLog.add(axis);
        else state.scatterLog.delete(axis);
        this.draw();
      }),
    );
    this.tools.append(this.y.element, h("span", {}, "over"), this.x.element);
    this.tools.append(h("span", { class: "nbt-together" }, ...logs));
    this.element.append(h("div", { class: "nbt-shapes-box" }, this.svg, this.tip), this.note);
  }

  open(): () => void {
    const sized = new ResizeObserver(() => this.visible && this.draw());
    sized.observe(this.element);
    this.scope.add(() => sized.disconnect());
    this.svg.addEventListener("pointermove", (event) => this.pointed(event));
    this.svg.addEventListener("pointerleave", () => this.mark(-1));
    this.svg.addEventListener("keydown", (event) => this.keyed(event));
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
    const runs = this.context.feed.store.list();
    return (["config", "summary"] as const).flatMap((tree) => {
      const [differing, same] = columnsOf(runs, tree);
      return [...differing, ...same].map((key): Column => ({ tree, key }));
    });
  }

  private build(): void {
    const { state, feed, plotted } = this.context;
    const columns = this.columns();
    const named = new Map(columns.map((column) => [nameOf(column), column]));
    const metric = metricColumn(feed.store.list(), state.metric, state.goal);
    const numeric = columns.find((one) => isNumeric(plotted(), one)) ?? columns[0];
    const x = named.get(state.scatterX) ?? numeric;
    const y = named.get(state.scatterY) ?? metric ?? columns[1] ?? columns[0];
    const choices = columns.map((one) => [nameOf(one), nameOf(one)] as const);
    this.x.show(choices, [], x ? nameOf(x) : "");
    this.y.show(choices, [], y ? nameOf(y) : "");
    const { clientWidth: width, clientHeight } = this.element;
    if (!x || !y || width === 0) {
      this.svg.replaceChildren();
      setText(this.note, "Runs with a config or a summary make points here.");
      return;
    }
    const height = Math.max(200, clientHeight - Math.max(48, this.note.offsetHeight + ROOM));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.style.height = `${height}px`;
    const { scatterLog } = state;
    this.paint(
      new Scale(x, plotted(), scatterLog.has("x")),
      new Scale(y, plotted(), scatterLog.has("y")),
      width,
      height,
    );
  }

  private paint(across: Scale, up: Scale, width: number, height: number): void {
    const { plotted, best, color } = this.context;
    const xOf = (at: number) => LEFT + margin(across.share(at)) * (width - LEFT - RIGHT);
    const yOf = (at: number) => height - BOTTOM - margin(up.share(at)) * (height - TOP - BOTTOM);
    const points = plotted().flatMap((run): Point[] => {
      const [x, y] = [across.placeOf(run.uid), up.placeOf(run.uid)];
      return x === undefined || y === undefined ? [] : [{ run, x: xOf(x), y: yOf(y) }];
    });
    const marked = this.points[this.at]?.run.uid;
    this.points = points.sort((a, b) => a.x - b.x);
    const rules = up.ticks(Math.floor(height / 48)).map(({ at, text }) => {
      const y = yOf(at);
      return s(
        "g",
        { class: "nbt-rule" },
        s("path", { d: `M${LEFT} ${y}H${width - RIGHT}` }),
        s("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, cut(text, 8)),
      );
    });
    const below = across.ticks(Math.floor(width / 90)).map(({ at, text }) => {
      const place = { x: xOf(at), y: height - BOTTOM + 18, "text-anchor": "middle" };
      return s("text", { class: "nbt-axis-tick", ...place }, cut(text, 12));
    });
    const middle = { x: (LEFT + width - RIGHT) / 2, y: height - 6, "text-anchor": "middle" };
    const names = [
      s("text", { class: "nbt-axis-name", ...middle }, across.column.key),
      s("text", { class: "nbt-axis-name", x: 4, y: 14 }, up.column.key),
    ];
    const dots = this.points.map(({ run, x, y }) => {
      const slot = color(run.uid) ?? 0;
      const star = run.uid === best() ? "yes" : undefined;
      const place = { cx: x.toFixed(1), cy: y.toFixed(1), r: RADIUS };
      return s("circle", {
        class: "nbt-dot-run",
        "data-color": slot % 6,
        "data-best": star,
        ...place,
      });
    });
    this.svg.replaceChildren(...rules, ...below, ...names, ...dots);
    const missing = plotted().length - points.length;
    const label = `${up.column.key} over ${across.column.key}, ${points.length} runs`;
    this.svg.setAttribute("aria-label", `${label}. Arrow keys go from run to run.`);
    const words = missing > 0 ? [`${label}; ${missing} have no value for both`] : [label];
    const left = valuesLeftOut(this.context.feed.store.head).join(", ");
    if (left) words.push(`not to choose here: ${left}`);
    setText(this.note, `${words.join("; ")}.`);
    this.mark(this.points.findIndex(({ run }) => run.uid === marked));
  }

  private pointed(event: PointerEvent): void {
    const box = this.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let found = -1;
    let best = 20 ** 2;
    this.points.forEach((point, i) => {
      const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
      if (distance < best) [best, found] = [distance, i];
    });
    this.mark(found);
  }

  private keyed(event: KeyboardEvent): void {
    const last = this.points.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: Math.min(last, this.at + 1),
      ArrowLeft: Math.max(0, this.at - 1),
      Home: 0,
      End: last,
      Escape: -1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.mark(target);
    const point = this.points[target];
    if (point) this.context.say(this.words(point).join(", "));
  }

  private mark(index: number): void {
    this.at = index;
    const dots = this.svg.querySelectorAll(".nbt-dot-run");
    dots.forEach((dot, i) => {
      dot.classList.toggle("nbt-here", i === index);
    });
    const point = this.points[index];
    this.tip.hidden = !point;
    if (!point) return;
    const [name = "", ...values] = this.words(point);
    this.tip.replaceChildren(h("b", {}, name), ...values.map((text) => h("div", {}, text)));
    const toTheLeft = point.x > this.svg.clientWidth / 2;
    this.tip.style.transform = toTheLeft
      ? `translate(calc(${point.x - 12}px - 100%), ${point.y}px)`
      : `translate(${point.x + 12}px, ${point.y}px)`;
  }

  private words({ run }: Point): string[] {
    const value = (name: string) => {
      const column = this.columns().find((one) => nameOf(one) === name);
      return column ? `${column.key} ${shortText(valueIn(run, column))}` : "";
    };
    return [run.name || run.id, value(this.y.element.value), value(this.x.element.value)];
  }
}

/** Points keep off the edges. */
function margin(share: number): number {
  return 0.03 + 0.94 * share;
}

function isNumeric(runs: readonly ComparedRun[], column: Column): boolean {
  return runs.some((run) => typeof valueIn(run, column) === "number");
}
