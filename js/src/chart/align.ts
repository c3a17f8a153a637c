/** Lines of one chart on one x axis. A gap is null; where a line has no point, undefined. */
import type uPlot from "uplot";
import type { Content } from "./content";

type Column = (number | null | undefined)[];

/** What uPlot draws: x, and for each line the values and the smoothed ones. */
export function aligned(lines: readonly Content[]): uPlot.AlignedData {
  const [first, ...others] = lines;
  if (!first) return [[]];
  if (others.every((line) => alike(line.x, first.x))) return together(first.x, lines);
  return merged(lines);
}

/** Lines that were logged in the same rows share their x: the usual case, and the cheap one. */
function alike(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = one.length - 1; i >= 0; i--) if (one[i] !== other[i]) return false;
  return true;
}

function together(x: number[], lines: readonly Content[]): uPlot.AlignedData {
  const columns: Column[] = [];
  for (const { raw, smoothed } of lines) {
    columns.push(raw, smoothed.length > 0 ? smoothed : nothing(x.length));
  }
  return [x, ...columns];
}

function nothing(length: number): null[] {
  return new Array<null>(length).fill(null);
}

function merged(lines: readonly Content[]): uPlot.AlignedData {
  const x: number[] = [];
  const columns = lines.flatMap((): [Column, Column] => [[], []]);
  const next = lines.map(() => 0);
  for (;;) {
    let at = Number.POSITIVE_INFINITY;
    lines.forEach((line, i) => {
      at = Math.min(at, line.x[next[i] as number] ?? Number.POSITIVE_INFINITY);
    });
    if (at === Number.POSITIVE_INFINITY) return [x, ...columns];
    x.push(at);
    lines.forEach((line, i) => {
      const index = next[i] as number;
      const here = line.x[index] === at;
      push(columns[2 * i] as Column, here, line.raw[index]);
      push(columns[2 * i + 1] as Column, here, line.smoothed[index] ?? null);
      if (here) next[i] = index + 1;
    });
  }
}

/** A gap goes on until the line's next point, whatever other lines have in between. */
function push(column: Column, here: boolean, value: number | null | undefined): void {
  column.push(here ? value : column.at(-1) === null ? null : undefined);
}
