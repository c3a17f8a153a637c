/** The exact points of parts of series, while charts show just those parts. */
import type { DecodedSeries } from "../protocol";
import { Series } from "./series";

/** A part of what lies below a chart; null is no end. */
export interface Stretch {
  readonly axis: "step" | "time" | "metric";
  /** Key of the metric that lies below, "" for steps and times. */
  readonly metric: string;
  readonly low: number | null;
  readonly high: number | null;
}

interface Window {
  readonly span: Stretch;
  readonly series: Series;
  /** When it was asked for, in order. */
  readonly turn: number;
}

/** One window per metric: the last one that was asked for. */
export class Windows {
  private readonly windows = new Map<string, Window>();

  /** Takes an answer, unless one to a later question is there: answers overtake each other. */
  load(span: Stretch, from: DecodedSeries, turn: number): void {
    if ((this.windows.get(from.head.key)?.turn ?? turn) > turn) return;
    const series = new Series(from.head.key, "metric");
    series.load(from);
    this.windows.set(from.head.key, { span, series, turn });
  }

  /** The window of a metric that has all points of a span, perhaps more; if any. */
  covering(key: string, span: Stretch): Series | undefined {
    const window = this.windows.get(key);
    return window && covers(window.span, span) ? window.series : undefined;
  }

  /** Takes what comes to a metric into its window, where it belongs there. */
  append(key: string, steps: Float64Array, times: Float64Array, values: Float64Array): void {
    const window = this.windows.get(key);
    // Along a metric the store knows no place: what is new is laid there when it is drawn.
    if (!window || window.span.axis === "metric") return;
    const along = window.span.axis === "step" ? steps : times;
    const from = along.findIndex((place) => place >= (window.span.low ?? place));
    const end = along.findLastIndex((place) => place <= (window.span.high ?? place)) + 1;
    if (from < 0 || from >= end) return;
    const part = [steps, times, values].map((column) => column.subarray(from, end));
    window.series.append(...(part as [Float64Array, Float64Array, Float64Array]));
  }

  clear(): void {
    this.windows.clear();
  }
}

function covers(one: Stretch, other: Stretch): boolean {
  if (one.axis !== other.axis || one.metric !== other.metric) return false;
  const low = one.low === null || (other.low !== null && one.low <= other.low);
  return low && (one.high === null || (other.high !== null && one.high >= other.high));
}
