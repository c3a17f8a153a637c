/** One chart with its title, the value under the crosshair, and its own switches. */
import {
  type Axis,
  Chart,
  type Content,
  contentOf,
  formatCount,
  formatDuration,
  type Picture,
  type Range,
  type Stage,
  type Unit,
} from "../chart";
import type { Series } from "../data";
import { h, Scope, setText } from "./dom";

/** What a card is about; the functions are asked each time it is drawn. */
export interface CardOptions {
  readonly key: string;
  /** What stands above the chart; the key itself is its tooltip. */
  readonly title: string;
  readonly color: number;
  readonly stage: Stage;
  readonly format: (value: number) => string;
  readonly unit: Unit;
  readonly bounds?: readonly [number, number] | undefined;
  readonly axis: () => Axis;
  readonly smoothing: () => number;
  readonly zoom: () => Range | null;
  /** The points to draw. */
  readonly series: () => Series | undefined;
  /** The series as a whole, where only a part of it is drawn. */
  readonly whole: () => Series | undefined;
  readonly log: { has(): boolean; set(log: boolean): void } | null;
  readonly zoomed: (range: Range | null) => void;
  /** Says a point aloud to those who move through a chart by keyboard. */
  readonly say: (text: string) => void;
}

const DESCRIBE_MS = 1000;

export class ChartCard {
  readonly element: HTMLElement;
  private readonly where = h("span", { class: "nbt-where" });
  private readonly value = h("span", { class: "nbt-value" });
  private readonly note = h("span", { class: "nbt-note" });
  private readonly plot: HTMLElement;
  private readonly tip = h("div", { class: "nbt-tip", hidden: true });
  private readonly tipWhere = h("div", { class: "nbt-tip-where" });
  private readonly tipValue = h("b");
  private readonly tipSmoothed = h("span", { class: "nbt-tip-smoothed" });
  private readonly scope = new Scope();
  private readonly chart: Chart;
  private pointed: number | null = null;
  private content: Content | null = null;
  private drawnFrom = "";
  private describing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: CardOptions) {
    this.plot = h("div", {
      class: "nbt-plot",
      role: "img",
      tabindex: 0,
      "aria-label": options.key,
    });
    this.tip.append(this.tipWhere, this.tipValue, this.tipSmoothed);
    const title = h("h4", { class: "nbt-card-title", title: options.key }, options.title);
    const dot = h("span", { class: "nbt-dot", "aria-hidden": "true" });
    this.element = h(
      "article",
      { class: "nbt-card", "data-color": options.color % 6, "aria-label": options.key },
      h("header", {}, dot, title, this.logSwitch(), this.where, this.value),
      h("div", { class: "nbt-plot-box" }, this.plot, this.tip, this.note),
    );
    this.chart = new Chart(this.plot, {
      stage: options.stage,
      read: () => this.read(),
      zoomed: options.zoomed,
      pointed: (index, here) => this.point(index, here),
    });
  }

  open(): () => void {
    this.scope.add(this.chart.open());
    this.scope.add(() => clearTimeout(this.describing));
    return () => this.scope.release();
  }

  /** Draws it again when it can be seen. */
  invalidate(): void {
    this.options.stage.invalidate(this.chart);
  }

  private logSwitch(): HTMLElement | null {
    const { log, key } = this.options;
    if (!log) return null;
    const button = h("button", {
      type: "button",
      class: "nbt-switch",
      "aria-pressed": log.has(),
      "aria-label": `Logarithmic axis for ${key}`,
      title: "Logarithmic axis",
    });
    button.append("log");
    this.scope.listen(button, "click", () => {
      log.set(!log.has());
      button.setAttribute("aria-pressed", String(log.has()));
      this.invalidate();
    });
    return button;
  }

  private read(): Picture | null {
    const series = this.options.series();
    if (!series) return null;
    const axis = this.options.axis();
    const smoothing = this.options.smoothing();
    const log = this.options.log?.has() ?? false;
    const from = [series.revision, series.stream, axis, smoothing, log, series.count].join();
    if (!this.content || from !== this.drawnFrom) {
      this.content = contentOf(series, { axis, smoothing, log });
      this.drawnFrom = from;
      this.showNote();
      this.describe();
    }
    this.show();
    const { color, unit, bounds } = this.options;
    return { content: this.content, axis, log, unit, color, bounds, zoom: this.options.zoom() };
  }

  private point(index: number | null, here: boolean): void {
    this.pointed = index;
    this.show();
    this.showTip(here ? index : null);
    if (here && index !== null && this.plot.matches(":focus-visible"))
      this.options.say(this.words(index));
  }

  /** The value under the crosshair, or else the newest. */
  private show(): void {
    const { content } = this;
    if (!content) return;
    const whole = this.options.whole();
    const value =
      this.pointed === null ? whole?.values[whole.length - 1] : content.values[this.pointed];
    setText(this.value, value === undefined ? "" : this.options.format(value));
    setText(this.where, this.pointed === null ? "" : `at ${this.place(this.pointed)}`);
  }

  private showTip(index: number | null): void {
    const { content } = this;
    const x = index === null ? undefined : content?.x[index];
    this.tip.hidden = x === undefined;
    if (!content || index === null || x === undefined) return;
    const value = content.values[index] as number;
    const smoothed = content.smoothed[index];
    const time = formatDuration(content.times[index] as number);
    const step = content.steps[index] as number;
    setText(this.tipWhere, Number.isNaN(step) ? time : `step ${formatCount(step)} · ${time}`);
    setText(this.tipValue, this.options.format(value));
    setText(this.tipSmoothed, smoothed == null ? "" : `smoothed ${this.options.format(smoothed)}`);
    this.placeTip();
  }

  /** Beside the crosshair, on the side with more room. */
  private placeTip(): void {
    const over = this.plot.querySelector<HTMLElement>(".u-over");
    const line = over?.querySelector<HTMLElement>(".u-cursor-x");
    if (!over || !line) return;
    const box = over.getBoundingClientRect();
    const at = line.getBoundingClientRect().left - box.left;
    const left = over.offsetLeft + at;
    const toTheLeft = at > box.width / 2;
    this.tip.style.transform = toTheLeft
      ? `translate(calc(${left - 8}px - 100%), 8px)`
      : `translate(${left + 8}px, 8px)`;
  }

  private place(index: number): string {
    const { content } = this;
    if (!content) return "";
    return this.options.axis() === "step"
      ? formatCount(content.steps[index] as number)
      : formatDuration(content.times[index] as number);
  }

  private words(index: number): string {
    const value = this.content?.values[index] as number;
    const place = this.place(index);
    const unit = this.options.axis() === "step" ? "step" : "time";
    return `${unit} ${place}: ${this.options.format(value)}`;
  }

  /** The chart in words, for those who cannot see it; once a second is often enough. */
  private describe(): void {
    this.describing ??= setTimeout(() => {
      this.describing = undefined;
      const series = this.options.whole();
      if (series) this.plot.setAttribute("aria-label", summaryOf(series, this.options.format));
    }, DESCRIBE_MS);
  }

  private showNote(): void {
    const hidden = this.content?.belowLog ?? 0;
    setText(this.note, hidden > 0 ? `${formatCount(hidden)} ≤ 0 not on a log axis` : "");
  }
}

function summaryOf(series: Series, format: (value: number) => string): string {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < series.length; i++) {
    const value = series.values[i] as number;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const last = series.values[series.length - 1];
  if (last === undefined) return `${series.key}: no values yet`;
  const range = low <= high ? `, lowest ${format(low)}, highest ${format(high)}` : "";
  const step = series.steps[series.length - 1] as number;
  const place = Number.isNaN(step) ? "" : ` at step ${formatCount(step)}`;
  return `${series.key}: ${formatCount(series.count)} values, newest ${format(last)}${place}${range}`;
}
