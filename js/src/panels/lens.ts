/**
 * Which points a chart draws: the series as the view has it while that is all of it, else
 * the exact points of the part that is looked at, as soon as they are there.
 */
import { type Axis, metricOf, type Range } from "../chart";
import { chartHabits, laid, type RunFeed, type Series, type Stretch } from "../data";

/** Points of a window, where nobody says how many: two per pixel of a wide chart. */
const POINTS = 2000;
/** Charts that come into view together ask for their windows together. */
const GATHER_MS = 40;
/** So much more is fetched on both sides, so that lines reach the edges and panning is smooth. */
const MARGIN = 0.25;

interface Asked {
  readonly span: Stretch;
  readonly keys: Set<string>;
}

interface Laid {
  readonly from: string;
  readonly series: Series;
}

export class Lens {
  /** Why exact points are not there, for people; "" while nothing is wrong. */
  problem = "";
  private readonly wanted = new Map<string, Asked>();
  private readonly asked = new Set<string>();
  private readonly laid = new Map<string, Laid>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param changed exact points came, or could not come.
   * @param origin_s where the wall's clock stood at the run's start.
   */
  constructor(
    private readonly feed: RunFeed,
    private readonly changed: () => void,
    private readonly origin_s: () => number,
  ) {}

  close(): void {
    clearTimeout(this.timer);
  }

  /** Forgets what was asked: the part, the run or the connection is another one. */
  reset(): void {
    this.asked.clear();
    this.problem = "";
  }

  /** The points to draw; undefined where the metric, or the one below it, is not there. */
  series(key: string, axis: Axis, zoom: Range | null): Series | undefined {
    const { store } = this.feed;
    const whole = store.metrics.get(key);
    const metric = metricOf(axis);
    const below = metric === null ? null : store.metrics.get(metric);
    if (!whole || below === undefined) return undefined;
    const window = this.window(key, axis, zoom, whole.reduced || (below?.reduced ?? false));
    if (!below) return window ?? whole;
    return this.along(whole, below, window?.xs ? window : null);
  }

  private window(key: string, axis: Axis, zoom: Range | null, reduced: boolean): Series | null {
    // Buckets of a whole series are cut along its steps.
    if (!reduced || (axis === "step" && !zoom)) return null;
    const span = this.span(axis, zoom);
    this.want(key, span);
    const looked = this.span(axis, zoom, 0);
    return this.feed.store.windows.covering(key, looked) ?? null;
  }

  private span(axis: Axis, zoom: Range | null, margin = MARGIN): Stretch {
    const metric = metricOf(axis);
    const kind = metric !== null ? "metric" : axis === "step" ? "step" : "time";
    const ends = { axis: kind, metric: metric ?? "" } as const;
    if (!zoom) return { ...ends, low: null, high: null };
    const origin = axis === "wall" ? this.origin_s() : 0;
    const more = margin * (zoom.high - zoom.low);
    return { ...ends, low: zoom.low - origin - more, high: zoom.high - origin + more };
  }

  /** Laid anew only when one of the two has changed. */
  private along(whole: Series, below: Series, window: Series | null): Series {
    const from = [below.key, whole.revision, below.revision, window?.revision].join("\n");
    let known = this.laid.get(whole.key);
    if (known?.from !== from) {
      known = { from, series: laid(whole, below, window) };
      known.series.revision = (this.laid.get(whole.key)?.series.revision ?? 0) + 1;
      this.laid.set(whole.key, known);
    }
    return known.series;
  }

  private want(key: string, span: Stretch): void {
    const name = JSON.stringify(span);
    const once = `${name}\n${key}`;
    if (!this.feed.hasWindows || this.asked.has(once)) return;
    this.asked.add(once);
    const together = this.wanted.get(name) ?? { span, keys: new Set() };
    this.wanted.set(name, together);
    together.keys.add(key);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.fetch(), GATHER_MS);
  }

  private async fetch(): Promise<void> {
    const all = [...this.wanted.values()];
    this.wanted.clear();
    const points = chartHabits().points ?? POINTS;
    try {
      await Promise.all(all.map(({ span, keys }) => this.feed.window([...keys], span, points)));
      this.problem = "";
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.changed();
  }
}
