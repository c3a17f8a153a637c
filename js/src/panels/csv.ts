/** Tables of numbers and names as CSV. */
import type { Series } from "../data";

/** A text is quoted where it must be; a number is written as it is; null is no value. */
export type Cell = string | number | null;

export interface Table {
  readonly head: readonly string[];
  readonly rows: Iterable<readonly Cell[]>;
  /** Whether points were left out. */
  readonly reduced: boolean;
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function asCsv({ head, rows }: Table): string {
  return [head, ...rows].map((cells) => `${cells.map(cellText).join(",")}\r\n`).join("");
}

function cellText(cell: Cell): string {
  if (typeof cell !== "string") return cell === null ? "" : String(cell);
  const guarded = /^[\s\0]*[=+\-@]/.test(cell) || /^[\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** One row per point. */
export function tableOf(series: readonly Series[]): Table {
  const rows = function* () {
    for (const { key, length, steps, times, values } of series) {
      for (let i = 0; i < length; i++) {
        const step = steps[i] as number;
        yield [key, Number.isNaN(step) ? null : step, times[i] as number, values[i] as number];
      }
    }
  };
  const reduced = series.some((one) => one.reduced);
  return { head: ["key", "step", "time_s", "value"], rows: rows(), reduced };
}
