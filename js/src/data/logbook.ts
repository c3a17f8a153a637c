/**
 * The console of a run as somebody looks at it: a million lines, of which those are fetched
 * that are looked at, and the numbers of those that a filter finds.
 */
import { decodeNumbers, type Line } from "../protocol";
import type { RunFeed } from "./feed";
import { type LineFilter, lineTest, patternOf } from "./linetest";

/** Lines that one question asks for at most, as many as are answered. */
export const MOST_ASKED = 2_000;
/** Fetched lines that are kept: 10 MB of lines of 100 characters. */
const MOST_KEPT = 50_000;

export class LogBook {
  /** Why lines are missing; "" while all is well. */
  trouble = "";
  private readonly fetched = new Map<number, Line>();
  private wanted: readonly number[] = [];
  private busy = false;

  constructor(
    private readonly feed: RunFeed,
    private readonly changed: () => void,
  ) {}

  /** How many lines there are. */
  get count(): number {
    return this.feed.store.console.count;
  }

  /** The first line that can be had: a saved panel has the last ones only. */
  get first(): number {
    return this.feed.canAsk ? 0 : (this.feed.store.console.lines[0]?.number ?? 0);
  }

  at(number: number): Line | undefined {
    return this.feed.store.console.at(number) ?? this.fetched.get(number);
  }

  /** Fetches those lines that are not here; what was wanted before is forgotten. */
  want(numbers: readonly number[]): void {
    this.wanted = numbers;
    if (!this.busy && this.trouble === "") void this.fetch();
  }

  retry(): void {
    this.trouble = "";
    void this.fetch();
  }

  /** Returns some lines, fewer when they are long: whoever wants more asks again. */
  async lines(first: number, count: number): Promise<readonly Line[]> {
    const spans = [[first, Math.min(count, MOST_ASKED)]];
    const { reply } = await this.feed.ask({ op: "lines", uid: this.feed.uid, spans });
    return reply.lines ?? [];
  }

  private async fetch(): Promise<void> {
    this.busy = true;
    try {
      for (let missing = this.missing(); missing.length > 0; missing = this.missing()) {
        const spans = spansOf(missing.slice(0, MOST_ASKED));
        const { reply } = await this.feed.ask({ op: "lines", uid: this.feed.uid, spans });
        const lines = reply.lines ?? [];
        for (const line of lines) this.fetched.set(line.number, line);
        this.forgetSome();
        this.changed();
        if (lines.length === 0) break;
      }
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
      this.changed();
    } finally {
      this.busy = false;
    }
  }

  private missing(): number[] {
    return this.wanted.filter((number) => this.at(number) === undefined);
  }

  private forgetSome(): void {
    for (const number of this.fetched.keys()) {
      if (this.fetched.size <= MOST_KEPT) return;
      this.fetched.delete(number);
    }
  }
}

/** The numbers of the lines that a filter finds, kept up to date as lines come. */
export class FoundLines {
  /** Ascending. */
  numbers: number[] = [];
  /** How many there are in all; more than `numbers` when there are very many. */
  total = 0;
  trouble = "";
  pending = true;
  private next = Number.POSITIVE_INFINITY;
  private readonly test: (line: Line) => boolean;

  constructor(
    private readonly feed: RunFeed,
    readonly filter: LineFilter,
    private readonly changed: (found: FoundLines) => void,
  ) {
    this.test = lineTest(filter);
  }

  /** Asks for the numbers. */
  async look(): Promise<void> {
    const { console } = this.feed.store;
    const before = console.count;
    const { search, ...where } = this.filter;
    this.pending = true;
    this.trouble = "";
    try {
      const { reply, bytes } = await this.feed.ask({
        ...{ op: "find", uid: this.feed.uid, search: patternOf(search), first: 0 },
        ...where,
      });
      const known = Array.from(decodeNumbers(bytes));
      this.numbers = known.filter((number) => number < before);
      this.total = (reply.total ?? known.length) - (known.length - this.numbers.length);
      this.next = before;
      this.extend();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
    this.pending = false;
    this.changed(this);
  }

  /** Looks at the lines that came meanwhile. */
  extend(): void {
    const { console } = this.feed.store;
    const isCut = this.total > this.numbers.length;
    for (; this.next < console.count; this.next++) {
      const line = console.at(this.next);
      if (!line) {
        // So much came at once that only its end came here: the store has all of it.
        this.next = Number.POSITIVE_INFINITY;
        void this.look();
        return;
      }
      if (!this.test(line)) continue;
      this.total++;
      if (!isCut) this.numbers.push(line.number);
    }
  }

  /** Position of the first found line at or after a number. */
  positionOf(number: number): number {
    let [low, high] = [0, this.numbers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.numbers[middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(number: number): boolean {
    return this.numbers[this.positionOf(number)] === number;
  }
}

/** Ascending numbers as spans: the first of neighbours, and how many. Exported for tests. */
export function spansOf(numbers: readonly number[]): number[][] {
  const spans: number[][] = [];
  for (const number of numbers) {
    const last = spans.at(-1) as [number, number] | undefined;
    if (last && last[0] + last[1] === number) last[1]++;
    else spans.push([number, 1]);
  }
  return spans;
}
