/** What lies below a chart. */
import type { Moment } from "./stage";

/** Steps, seconds since the run's start, the clock on the wall, or a metric by its key. */
export type Axis = "step" | "time" | "wall" | `metric:${string}`;

const METRIC = "metric:";

export function alongMetric(key: string): Axis {
  return `${METRIC}${key}`;
}

/** The key of the metric that lies below a chart; null where it is none. */
export function metricOf(axis: Axis): string | null {
  return axis.startsWith(METRIC) ? axis.slice(METRIC.length) : null;
}

/**
 * Seconds on the wall's clock at a run's start: seconds since the epoch, moved by the
 * zone of the reader's clock, so that full hours and midnights lie on multiples.
 */
export function wallClock(epoch_s: number): number {
  return epoch_s - 60 * new Date(1000 * epoch_s).getTimezoneOffset();
}

/** Where a moment stands on an axis; null where only a point's own values can tell. */
export function placeOf(moment: Moment, axis: Axis, origin_s: number): number | null {
  if (axis === "step") return Number.isNaN(moment.step) ? null : moment.step;
  if (axis === "time") return moment.time;
  return axis === "wall" ? origin_s + moment.time : null;
}
