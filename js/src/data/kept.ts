/** Parts of the series that a page or a notebook keeps, cut out as a kernel would do it. */
import {
  type DecodedSeries,
  decodeSeries,
  type SeriesHead,
  type Snapshot,
  type Window,
} from "../protocol";
import { extremes } from "./extremes";
import { joined } from "./joined";
import { laid } from "./laid";
import { Series } from "./series";
import type { Answer } from "./source";

type Part = Pick<Series, "steps" | "times" | "values" | "xs"> & { readonly count: number };

export class Kept {
  private readonly series: ReadonlyMap<string, DecodedSeries>;

  constructor(
    private readonly snapshot: Snapshot,
    bytes: DataView,
  ) {
    const all = decodeSeries(snapshot.series, bytes, snapshot.precision);
    const metrics = all.filter(({ head }) => head.stream === "metric");
    this.series = new Map(metrics.map((one) => [one.head.key, one]));
  }

  /** Answers as a kernel does: exact extrema of what was kept, two per bucket. */
  window({ keys, axis, metric, low, high, points }: Omit<Window, "id">): Answer {
    const heads: SeriesHead[] = [];
    const columns: Float64Array[] = [];
    for (const key of keys) {
      const whole = this.along(key, axis === "metric" ? (metric ?? "") : "");
      if (!whole) continue;
      const part = cut(whole, axis ?? "step", low, high, points);
      const head = {
        key,
        stream: "metric",
        points: part.values.length,
        count: part.count,
      } as const;
      heads.push(whole.estimated ? { ...head, estimated: true } : head);
      columns.push(part.steps, part.times, part.values, ...(part.xs ? [part.xs] : []));
    }
    const reply = { op: "reply", id: "", uid: this.snapshot.run.uid, series: heads } as const;
    return { reply, bytes: joined(columns) };
  }

  private along(key: string, metric: string): Series | null {
    const [whole, below] = [this.series.get(key), metric && this.series.get(metric)];
    if (!whole || below === undefined) return null;
    return below ? laid(seriesOf(whole), seriesOf(below), null) : seriesOf(whole);
  }
}

function seriesOf({ head, steps, times, values }: DecodedSeries): Series {
  const weights = new Float64Array(head.points).fill(head.count / Math.max(1, head.points));
  return Series.of(head.key, { steps, times, values, weights, xs: null, count: head.count });
}

function cut(
  whole: Series,
  axis: "step" | "time" | "metric",
  low: number | null,
  high: number | null,
  points: number,
): Part {
  const along = (axis === "metric" ? whole.xs : axis === "time" ? whole.times : whole.steps) ?? [];
  const from = low === null ? 0 : along.findIndex((place) => place >= low);
  const end = high === null ? along.length : along.findLastIndex((place) => place <= high) + 1;
  const inside = from < 0 ? 0 : Math.max(0, end - from);
  const values = whole.values.subarray(from, from + inside);
  const weights = whole.weights.subarray(from, from + inside);
  const chosen = extremes(values, weights, inside, Math.max(1, Math.floor(points / 3))).indices;
  const indices = inside <= points ? Uint32Array.from({ length: inside }, (_, i) => i) : chosen;
  const picked = (column: Float64Array) => Float64Array.from(indices, (i) => column[from + i] ?? 0);
  return {
    steps: picked(whole.steps),
    times: picked(whole.times),
    values: picked(whole.values),
    xs: axis === "metric" && whole.xs ? picked(whole.xs) : null,
    // What was left out before is told in proportion: which points went is not known here.
    count: Math.round((inside * whole.count) / Math.max(1, whole.length)),
  };
}
