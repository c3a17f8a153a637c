/** One axis of a plot of runs: numbers, or the values that there are. */
import { formatTicks } from "../chart";
import type { ComparedRun, Json } from "../protocol";
import { ranksOf } from "./state";
import { type Column, kindOf, valueIn } from "./store";
import { shortText } from "./words";

export interface Tick {
  readonly at: number;
  readonly text: string;
}

export class Scale {
  readonly numeric: boolean;
  readonly low: number;
  readonly high: number;
  private readonly ranks: ReadonlyMap<string, number>;
  private readonly names: readonly Tick[];

  constructor(
    readonly column: Column,
    runs: readonly ComparedRun[],
    private readonly log = false,
  ) {
    const values = runs.map((run) => valueIn(run, column));
    this.numeric = values.every((value) => value === undefined || typeof value === "number");
    this.ranks = ranksOf(runs, column);
    const numbers = [...this.ranks.values()].filter((at) => !log || at > 0);
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const room = low === high ? (log ? low / 2 : Math.abs(low) * 0.1 || 1) : 0;
    this.low = numbers.length > 0 ? low - room : log ? 0.1 : 0;
    this.high = numbers.length > 0 ? high + room : 1;
    this.names = this.numeric ? [] : namesOf(values, runs, this.ranks);
  }

  /** Where a run stands; undefined where it has no value, or none that the axis can show. */
  placeOf(uid: string): number | undefined {
    const at = this.ranks.get(uid);
    return at === undefined || !Number.isFinite(at) || (this.log && at <= 0) ? undefined : at;
  }

  /** A place as a share of the axis, 0 to 1. */
  share(at: number): number {
    const { low, high } = this;
    return this.log ? Math.log(at / low) / Math.log(high / low) : (at - low) / (high - low);
  }

  /** The place at a share of the axis. */
  at(share: number): number {
    const { low, high } = this;
    return this.log ? low * (high / low) ** share : low + share * (high - low);
  }

  ticks(most: number): readonly Tick[] {
    if (!this.numeric) {
      const stride = Math.ceil(this.names.length / most);
      return this.names.filter((_, i) => i % stride === 0);
    }
    if (this.log) return this.powers(most);
    const whole = [...this.ranks.values()].every(Number.isInteger);
    const step = niceStep(Math.max((this.high - this.low) / most, whole ? 1 : 0));
    const places: number[] = [];
    for (let i = Math.ceil(this.low / step - 1e-9); i * step <= this.high + 1e-9 * step; i++) {
      places.push(i * step);
    }
    const texts = formatTicks(places, step);
    return places.map((at, i) => ({ at, text: texts[i] ?? "" }));
  }

  private powers(most: number): readonly Tick[] {
    const [first, last] = [Math.ceil(Math.log10(this.low)), Math.floor(Math.log10(this.high))];
    const exponents = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
    const stride = Math.max(1, Math.ceil(exponents.length / most));
    const places = exponents.filter((_, i) => i % stride === 0).map((one) => 10 ** one);
    const ends = places.length > 1 ? places : [this.low, this.high];
    return ends.map((at) => ({ at, text: shortText(Number(at.toPrecision(3))) }));
  }
}

function namesOf(
  values: readonly (Json | undefined)[],
  runs: readonly ComparedRun[],
  ranks: ReadonlyMap<string, number>,
): readonly Tick[] {
  const names = new Map<string, Tick>();
  values.forEach((value, i) => {
    const at = ranks.get(runs[i]?.uid ?? "");
    if (at !== undefined) names.set(kindOf(value), { at, text: shortText(value) });
  });
  return [...names.values()].sort((a, b) => a.at - b.at);
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}
