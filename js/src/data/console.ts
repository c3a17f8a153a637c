/** The last lines of a run's console. */
import type { Line } from "../protocol";

/** 20,000 lines of 100 characters are 4 MB; the store keeps all of them. */
export const MOST_LINES = 20_000;

export class Console {
  private kept: Line[] = [];
  private counted = 0;
  /** Grows with every change. */
  revision = 0;

  /** Lines in order; `number` of the first is how many came before it. */
  get lines(): readonly Line[] {
    return this.kept;
  }

  /** How many lines there are in all; the earlier ones are in the store alone. */
  get count(): number {
    return Math.max(this.counted, (this.kept.at(-1)?.number ?? -1) + 1);
  }

  /** The line of a number, where it is kept here. */
  at(number: number): Line | undefined {
    return this.kept[number - (this.kept[0]?.number ?? 0)];
  }

  /** Takes the last lines of a snapshot, and keeps earlier ones that join them. */
  load(lines: readonly Line[], count = 0): void {
    this.counted = count;
    const first = lines[0]?.number;
    const last = this.kept.at(-1)?.number;
    const joins = first !== undefined && last !== undefined && first <= last + 1;
    if (!joins) this.kept = [];
    this.append(lines);
    this.revision++;
  }

  /** Adds lines; one whose number is there already replaces it. */
  append(lines: readonly Line[]): void {
    const first = lines[0]?.number;
    if (first === undefined) return;
    while ((this.kept.at(-1)?.number ?? -1) >= first) this.kept.pop();
    this.kept.push(...lines);
    // Dropped in large pieces, so that a long run does not move the array at each line.
    if (this.kept.length > 1.1 * MOST_LINES) this.kept.splice(0, this.kept.length - MOST_LINES);
    this.revision++;
  }
}
