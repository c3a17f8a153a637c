/**
 * What charts of several runs draw: asked for when a chart can be seen, kept until something
 * else is wanted, and brought up to date where runs went on.
 */
import { chartHabits, Series } from "../data";
import {
  type DecodedBand,
  type DecodedChart,
  type Draw,
  type Drawn as DrawnHead,
  decodeCharts,
} from "../protocol";
import type { CompareFeed } from "./feed";

/** What is to be drawn of every metric. */
export type Wish = Pick<Draw, "runs" | "x" | "low" | "high" | "group_by" | "band">;

export interface DrawnLine {
  readonly series: Series;
  readonly group: number;
}

/** One chart. */
export interface Drawn {
  /** What lies below it: `step`, `time`, or a metric. */
  readonly x: string;
  readonly lines: Map<string, DrawnLine>;
  readonly bands: Map<number, DecodedBand>;
  runs: number;
  trouble: string;
}

interface Kept {
  drawn: Drawn;
  /** The wish that it meets, as text. */
  wish: string;
  /** Whether somebody who answers would give no more lines and points of it. */
  whole: boolean;
  /** Runs that went on since. */
  readonly stale: Set<string>;
}

/** Charts that come into view together are asked for together. */
const GATHER_MS = 40;
/** Live charts are brought up to date no more often than that. */
const PERIOD_MS = 500;
/** What could not be drawn is asked for again. */
const AGAIN_MS = 2_000;
const MOST_KEYS = 24;

export class Drawings {
  groups: readonly string[] = [];
  /** Number of each drawn run's group. */
  readonly groupOf = new Map<string, number>();
  /** Why nothing comes, "" while all is well. */
  problem = "";
  private readonly kept = new Map<string, Kept>();
  private readonly wanted = new Set<string>();
  private wish: Wish | null = null;
  private name = "";
  /** Grows when runs are gone. */
  private turn = 0;
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer ends; infinite while there is none. */
  private due_ms = Number.POSITIVE_INFINITY;

  constructor(
    private readonly feed: CompareFeed,
    private readonly changed: () => void,
  ) {}

  close(): void {
    clearTimeout(this.timer);
  }

  /** Says what is to be drawn from now on; what is there stays until it comes. */
  ask(wish: Wish): void {
    const name = this.nameOf(wish);
    if (name === this.name) return;
    this.wish = wish;
    this.name = name;
    this.problem = "";
    this.wanted.clear();
    this.changed();
  }

  /** Runs are gone: bands of theirs are no more what is wanted, whatever that is. */
  leave(): void {
    this.turn += 1;
  }

  /** Runs went on. */
  touch(uids: readonly string[]): void {
    for (const { stale } of this.kept.values()) for (const uid of uids) stale.add(uid);
    this.changed();
  }

  /**
   * Takes charts that came with the runs.
   *
   * @param wish what they meet.
   * @param whole whether they are all that is wanted; else more is asked for.
   */
  load(
    { charts, groups, precision }: DrawnHead,
    bytes: DataView,
    wish: Wish,
    whole: boolean,
  ): void {
    this.groups = groups;
    for (const chart of decodeCharts(charts, bytes, precision === 8 ? 8 : 4))
      this.keep(chart, wish, { partly: false, whole });
    this.changed();
  }

  /** What is there of a metric; what is missing is asked for. */
  of(key: string): Drawn | undefined {
    const kept = this.kept.get(key);
    if (!this.isWhole(key) || (kept && kept.stale.size > 0)) this.want(key);
    return kept?.drawn;
  }

  /** Whether the runs stand in groups. */
  get isGrouped(): boolean {
    return this.groups.some((name) => name !== "");
  }

  /** Whether what is there is what is wanted. */
  isFresh(key: string): boolean {
    return this.kept.get(key)?.wish === this.name;
  }

  /** Whether no more lines and points of what is wanted are to come. */
  isWhole(key: string): boolean {
    return this.isFresh(key) && this.kept.get(key)?.whole === true;
  }

  /** Whether something else is to come. */
  isWaiting(key: string): boolean {
    return this.feed.canAsk && !this.isFresh(key);
  }

  private want(key: string): void {
    if (!this.wish || !this.feed.canAsk) return;
    this.wanted.add(key);
    if (!this.busy) this.later(this.problem ? AGAIN_MS : GATHER_MS);
  }

  /** Fetches after a while, or sooner where that was said before: charts are drawn all the time. */
  private later(wait_ms: number): void {
    const due_ms = performance.now() + wait_ms;
    if (this.due_ms <= due_ms) return;
    clearTimeout(this.timer);
    this.due_ms = due_ms;
    this.timer = setTimeout(() => {
      this.due_ms = Number.POSITIVE_INFINITY;
      void this.fetch();
    }, wait_ms);
  }

  private async fetch(): Promise<void> {
    const keys = [...this.wanted].slice(0, MOST_KEYS);
    const { wish, name } = this;
    if (!wish || keys.length === 0 || this.busy) return;
    for (const key of keys) this.wanted.delete(key);
    this.busy = true;
    const missing = keys.filter((key) => !this.isWhole(key));
    const stale = keys.filter((key) => !missing.includes(key));
    const uids = new Set(stale.flatMap((key) => [...(this.kept.get(key)?.stale ?? [])]));
    for (const key of stale) this.kept.get(key)?.stale.clear();
    try {
      if (missing.length > 0) await this.draw(missing, null, wish, name);
      if (stale.length > 0) await this.draw(stale, [...uids], wish, name);
      this.problem = "";
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.busy = false;
      this.changed();
    }
    if (this.problem === "" && this.wanted.size > 0)
      this.later(missing.length > 0 ? GATHER_MS : PERIOD_MS);
  }

  private async draw(
    keys: readonly string[],
    changed: readonly string[] | null,
    wish: Wish,
    name: string,
  ): Promise<void> {
    const { points } = chartHabits();
    const ask = {
      op: "draw",
      keys,
      changed,
      ...wish,
      ...(points === null ? {} : { points }),
    } as const;
    const { reply, bytes } = await this.feed.ask(ask);
    if (name !== this.name) return;
    this.groups = reply.groups ?? [];
    for (const chart of decodeCharts(reply.charts ?? [], bytes)) {
      this.keep(chart, wish, { partly: changed !== null, whole: true });
    }
  }

  private keep(
    chart: DecodedChart,
    wish: Wish,
    { partly, whole }: { readonly partly: boolean; readonly whole: boolean },
  ): void {
    const { key, runs, trouble } = chart.head;
    const before = partly ? this.kept.get(key) : undefined;
    const { x } = wish;
    const drawn = before?.drawn ?? { x, lines: new Map(), bands: new Map(), runs, trouble };
    for (const { uid, group, ...line } of chart.lines) {
      drawn.lines.set(uid, { series: seriesOf(key, line), group });
      this.groupOf.set(uid, group);
    }
    for (const band of chart.bands) drawn.bands.set(band.group, band);
    drawn.runs = runs;
    drawn.trouble = trouble;
    const stale = before?.stale ?? new Set();
    this.kept.set(key, { drawn, wish: this.nameOf(wish), whole, stale });
  }

  private nameOf(wish: Wish): string {
    return `${this.turn} ${JSON.stringify(wish)}`;
  }
}

/** Its x stands for all that may lie below it: the chart takes what it needs. */
function seriesOf(
  key: string,
  { x, values, count }: { x: Float64Array; values: Float64Array; count: number },
): Series {
  const weights = new Float64Array(values.length).fill(Math.max(1, count / (values.length || 1)));
  return Series.of(key, { steps: x, times: x, xs: x, values, weights, count });
}
