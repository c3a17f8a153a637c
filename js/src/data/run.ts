/** One run as the browser knows it: what messages said, applied in order. */
import { type Append, decodeBlocks, decodeSeries, type RunHead, type Snapshot } from "../protocol";
import { Console } from "./console";
import { Series } from "./series";
import { Windows } from "./windows";

/** What a message changed. */
export interface Change {
  /** Something is there that was not: keys, or everything. */
  readonly keys: boolean;
  readonly run: boolean;
  readonly values: boolean;
  readonly lines: boolean;
}

export class RunStore {
  run: RunHead | null = null;
  /** When `run` was received, milliseconds of `performance.now()`. */
  heardAt = 0;
  /** Number of the last append; -1 before the first snapshot. */
  sequence = -1;
  /** By key, in the order in which they came. */
  readonly metrics = new Map<string, Series>();
  readonly system = new Map<string, Series>();
  readonly console = new Console();
  /** Exact parts of the metrics. */
  readonly windows = new Windows();

  /** What is known of the run now. */
  take(run: RunHead): void {
    this.run = run;
    this.heardAt = performance.now();
  }

  /** @throws FormatError when the bytes do not fit the head; nothing is changed then. */
  load(head: Snapshot, bytes: DataView): Change {
    const decoded = decodeSeries(head.series, bytes, head.precision);
    this.take(head.run);
    this.sequence = head.sequence;
    this.windows.clear();
    this.forgetAllBut(head);
    for (const one of decoded) this.series(one.head.stream, one.head.key).load(one);
    this.console.load(head.lines, head.line_count);
    return { keys: true, run: true, values: true, lines: true };
  }

  /**
   * Applies what came since; null when messages before it are missing.
   *
   * @throws FormatError when the bytes do not fit the head; nothing is changed then.
   */
  append(head: Append, bytes: DataView): Change | null {
    if (head.sequence !== this.sequence + 1) return null;
    const blocks = decodeBlocks(head.blocks, bytes);
    this.sequence = head.sequence;
    if (head.run) this.take(head.run);
    let keys = false;
    for (const { head: block, steps, times, columns } of blocks) {
      block.keys.forEach((key, i) => {
        keys ||= !this.of(block.stream).has(key);
        const values = columns[i] as Float64Array;
        this.series(block.stream, key).append(steps, times, values);
        if (block.stream === "metric") this.windows.append(key, steps, times, values);
      });
    }
    this.console.append(head.lines);
    return {
      keys,
      run: head.run !== null,
      values: blocks.length > 0,
      lines: head.lines.length > 0,
    };
  }

  private of(stream: "metric" | "system"): Map<string, Series> {
    return stream === "system" ? this.system : this.metrics;
  }

  private series(stream: "metric" | "system", key: string): Series {
    const all = this.of(stream);
    let series = all.get(key);
    if (!series) {
      series = new Series(key, stream);
      all.set(key, series);
    }
    return series;
  }

  /** A snapshot is all there is; what it lacks is gone, the rest keeps its place. */
  private forgetAllBut(head: Snapshot): void {
    for (const stream of ["metric", "system"] as const) {
      const there = new Set(head.series.filter((s) => s.stream === stream).map((s) => s.key));
      for (const key of this.of(stream).keys()) if (!there.has(key)) this.of(stream).delete(key);
    }
  }
}
