/** What a chart of several runs draws, as a table. */
import type { Series } from "../data";
import type { Cell, Table } from "../panels/csv";
import type { ComparedRun, DecodedBand } from "../protocol";

/** One run's line. */
export interface RunLine {
  readonly run: ComparedRun;
  readonly series: Series;
}

/**
 * A row per point and run.
 *
 * @param x `step`, `time`, or the name of a metric.
 */
export function tableOfRuns(key: string, x: string, lines: readonly RunLine[]): Table {
  const rows = function* (): Generator<Cell[]> {
    for (const { run, series } of lines) {
      const { steps, values, length } = series;
      for (let i = 0; i < length; i++) {
        yield [key, run.name, run.id, steps[i] as number, values[i] as number];
      }
    }
  };
  const head = ["key", "run", "id", x === "time" ? "time_s" : x, "value"];
  return { head, rows: rows(), reduced: lines.some(({ series }) => series.reduced) };
}

/** A row per step and group: how many runs have a point there, their mean, the band's edges. */
export function tableOfBands(
  key: string,
  bands: readonly DecodedBand[],
  groups: readonly string[],
): Table {
  const rows = function* (): Generator<Cell[]> {
    for (const { group, steps, counts, means, lows, highs } of bands) {
      for (let i = 0; i < steps.length; i++) {
        const numbers = [steps, counts, means, lows, highs].map((column) => column[i] as number);
        yield [key, groups[group] ?? "", ...numbers];
      }
    }
  };
  const head = ["key", "group", "step", "n", "mean", "low", "high"];
  return { head, rows: rows(), reduced: false };
}
