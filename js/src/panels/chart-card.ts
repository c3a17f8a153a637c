/** One chart with its title, the values under the crosshair, and its own switches. */
import {
  type Axis,
  Chart,
  type Clipped,
  type Content,
  contentOf,
  dashOf,
  formatClockTick,
  formatCount,
  formatDuration,
  formatValue,
  metricOf,
  nearest,
  type Picture,
  type Range,
  type Stage,
  type Unit,
} from "../chart";
import type { Series } from "../data";
import { CardMenu, type Overlay, type Switch } from "./card-menu";
import { tableOf } from "./csv";
import { h, Scope, setText } from "./dom";
import { Legend } from "./legend";
import { Tip, type TipRow } from "./tip";
import { extremesText, type Noted, noteText, summaryText } from "./words";

/** One line of a chart, as it stands when it is drawn. */
export interface CardLine {
  readonly key: string;
  /** Its name in the legend. */
  readonly label: string;
  /** Number of its colour. */
  readonly color: number;
  /** The points to draw; undefined while there are none. */
  readonly series: Series | undefined;
  /** The series as a whole, where only a part of it is drawn. */
  readonly whole: Series | undefined;
  /** Whether the legend has switched it off. */
  readonly muted?: boolean;
  /** Whether it can be taken out of the chart. */
  readonly movable?: boolean;
}

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
  readonly lines: () => readonly CardLine[];
  readonly axis: () => Axis;
  /** Where the wall's clock stood at the run's start, seconds. */
  readonly origin_s: () => number;
  readonly smoothing: () => number;
  readonly zoom: () => Range | null;
  readonly zoomed: (range: Range | null) => void;
  readonly log: Switch | null;
  readonly clip: Switch | null;
  readonly pin: Switch | null;
  readonly overlay: Overlay | null;
  readonly mute: (key: string) => void;
  /** Says a point aloud to those who move through a chart by keyboard. */
  readonly say: (text: string) => void;
}

/** What was drawn of a line. */
interface Drawn {
  readonly line: CardLine;
  readonly content: Content;
  readonly dash: readonly number[] | undefined;
}

interface Cached {
  readonly from: string;
  readonly series: Series;
  readonly content: Content;
}

const DESCRIBE_MS = 1000;

export class ChartCard {
  readonly element: HTMLElement;
  private readonly where = h("span", { class: "nbt-where" });
  private readonly value = h("span", { class: "nbt-value" });
  private readonly ends = h("span", { class: "nbt-ends" });
  private readonly note = h("span", { class: "nbt-note" });
  private readonly plot: HTMLElement;
  private readonly tip: Tip;
  private readonly legend: Legend;
  private readonly menu: CardMenu;
  private readonly scope = new Scope();
  private readonly chart: Chart;
  private readonly cached = new Map<string, Cached>();
  private pointed: number | null = null;
  private drawn: readonly Drawn[] = [];
  private clipped: Clipped | null = null;
  private describing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: CardOptions) {
    this.plot = h("div", {
      ...{ class: "nbt-plot", role: "img", tabindex: 0, "aria-label": options.key },
      "aria-keyshortcuts": "ArrowLeft ArrowRight Home End + - 0 PageUp PageDown F",
    });
    this.tip = new Tip(this.plot);
    this.chart = new Chart(this.plot, {
      stage: options.stage,
      read: () => this.read(),
      zoomed: options.zoomed,
      pointed: (x, here) => this.point(x, here),
      clipped: (clipped) => this.clip(clipped),
      key: (event) => this.menu.keyed(event),
    });
    this.legend = new Legend(options.mute, (key) => options.overlay?.remove(key));
    this.element = h("article", {
      ...{ class: "nbt-card", "data-color": options.color % 6, "aria-label": options.key },
    });
    this.menu = new CardMenu(this.chart, this.element, {
      ...options,
      names: () => this.drawn.map(({ line }) => line.label),
      table: () => tableOf(this.drawn.flatMap(({ line }) => line.series ?? [])),
    });
    this.element.append(
      this.header(),
      this.legend.element,
      h("div", { class: "nbt-plot-box" }, this.plot, this.tip.element),
      h("footer", {}, this.ends, this.note),
    );
  }

  open(): () => void {
    this.scope.add(this.menu.open());
    this.scope.add(this.chart.open());
    this.scope.add(() => clearTimeout(this.describing));
    this.scope.add(() => this.legend.close());
    return () => this.scope.release();
  }

  /** Draws it again when it can be seen. */
  invalidate(): void {
    this.options.stage.invalidate(this.chart);
  }

  private header(): HTMLElement {
    const { key, title } = this.options;
    const header = h(
      "header",
      {},
      h("span", { class: "nbt-dot", "aria-hidden": "true" }),
      h("h4", { class: "nbt-card-title", title: key }, title),
      this.where,
      this.value,
      this.menu.element,
    );
    return header;
  }

  private read(): Picture | null {
    const { options } = this;
    const [axis, smoothing] = [options.axis(), options.smoothing()];
    const log = options.log?.has() ?? false;
    const lines = options.lines();
    const drawn: Drawn[] = [];
    lines.forEach((line, i) => {
      const content = line.series && !line.muted && this.content(line, axis, smoothing, log);
      if (content) drawn.push({ line, content, dash: dashOf(i) });
    });
    this.drawn = drawn;
    this.show(lines);
    this.describe(lines);
    // Lines that were switched off must go from the picture, too.
    if (drawn.length === 0 && !this.chart.shown) return null;
    return {
      lines: drawn.map(({ line, content, dash }) => ({ content, color: line.color, dash })),
      ...{ axis, log, unit: options.unit, bounds: options.bounds, zoom: options.zoom() },
      clip: options.clip?.has() ?? false,
      origin_s: options.origin_s(),
    };
  }

  /** Made anew only when something of it has changed. */
  private content(line: CardLine, axis: Axis, smoothing: number, log: boolean): Content {
    const series = line.series as Series;
    const origin_s = this.options.origin_s();
    const from = [series.revision, axis, smoothing, log, origin_s].join();
    const before = this.cached.get(line.key);
    if (before?.series === series && before.from === from) return before.content;
    const content = contentOf(series, { axis, smoothing, log, origin_s });
    this.cached.set(line.key, { from, series, content });
    return content;
  }

  private point(x: number | null, here: boolean): void {
    this.pointed = x;
    this.show(this.options.lines());
    this.showTip(here ? x : null);
    if (here && x !== null && this.plot.matches(":focus-visible")) this.options.say(this.words(x));
  }

  private clip(clipped: Clipped | null): void {
    this.clipped = clipped;
    this.showNote();
  }

  /** The values under the crosshair, or else the newest. */
  private show(lines: readonly CardLine[]): void {
    const { pointed } = this;
    const [first] = lines;
    const text = (line: CardLine | undefined) => {
      const value = line && this.valueOf(line, pointed);
      return value === undefined ? "" : this.options.format(value);
    };
    const alone = lines.length < 2;
    this.element.toggleAttribute("data-many", !alone);
    setText(this.value, alone ? text(first) : "");
    setText(this.where, pointed === null ? "" : `at ${this.place(pointed)}`);
    this.legend.show(
      lines.map((line) => ({
        ...{ key: line.key, label: line.label, color: line.color, value: text(line) },
        ...{ muted: line.muted ?? false, movable: line.movable ?? false },
      })),
    );
    setText(this.ends, alone && first?.series ? extremesText(first.series, this.options) : "");
    this.showNote();
  }

  private valueOf({ key, whole }: CardLine, x: number | null): number | undefined {
    if (x === null) return whole?.values[whole.length - 1];
    const content = this.drawn.find(({ line }) => line.key === key)?.content;
    return content?.values[nearest(content.x, x)];
  }

  private showTip(x: number | null): void {
    const [first] = this.drawn;
    // A legend has the values, too.
    const isKnown = this.drawn.length > 1 && this.tip.isNarrow;
    if (x === null || !first || isKnown) this.tip.hide();
    else
      this.tip.show(
        this.wherever(first, x),
        this.drawn.map((one) => this.tipRow(one, x)),
      );
  }

  private tipRow({ line, content }: Drawn, x: number): TipRow {
    const { format } = this.options;
    const index = nearest(content.x, x);
    const smoothed = content.smoothed[index];
    return {
      name: this.drawn.length > 1 ? line.label : "",
      color: line.color,
      text: format(content.values[index] as number),
      more: smoothed == null ? "" : `smoothed ${format(smoothed)}`,
    };
  }

  /** Step and time of a point, and where it stands on an axis that is neither. */
  private wherever({ content }: Drawn, x: number): string {
    const index = nearest(content.x, x);
    const axis = this.options.axis();
    const step = content.steps[index] as number;
    const words = Number.isNaN(step) ? [] : [`step ${formatCount(step)}`];
    if (axis === "wall") words.push(formatClockTick(Math.floor(x), 1));
    else words.push(formatDuration(content.times[index] as number));
    const metric = metricOf(axis);
    if (metric !== null) words.unshift(`${metric} ${formatValue(content.x[index] as number)}`);
    return words.join(" · ");
  }

  private place(x: number): string {
    const axis = this.options.axis();
    if (axis === "step") return formatCount(x);
    if (axis === "time") return formatDuration(x);
    return axis === "wall" ? formatClockTick(Math.floor(x), 1) : formatValue(x);
  }

  private words(x: number): string {
    const [first] = this.drawn;
    if (!first) return "";
    const values = this.drawn.map(({ line, content }) => {
      const value = this.options.format(content.values[nearest(content.x, x)] as number);
      return this.drawn.length > 1 ? `${line.label} ${value}` : value;
    });
    return `${this.wherever(first, x)}: ${values.join(", ")}`;
  }

  /** The chart in words, for those who cannot see it; once a second is often enough. */
  private describe(lines: readonly CardLine[]): void {
    this.describing ??= setTimeout(() => {
      this.describing = undefined;
      const { format } = this.options;
      const texts = lines.flatMap(({ whole }) => (whole ? [summaryText(whole, format)] : []));
      if (texts.length > 0) this.plot.setAttribute("aria-label", texts.join("; "));
    }, DESCRIBE_MS);
  }

  private showNote(): void {
    const series = this.drawn.flatMap(({ line }) => (line.series ? [line.series] : []));
    const below = this.drawn.reduce((sum, { content }) => sum + content.belowLog, 0);
    const noted: Noted = { series, below, clipped: this.clipped, format: this.options.format };
    const { text, trouble } = noteText(noted);
    setText(this.note, text);
    this.note.toggleAttribute("data-trouble", trouble);
    this.note.title = text;
  }
}
