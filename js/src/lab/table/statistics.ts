/** What the numbers of a group come to, in a cell and in its tip. */
import { formatCount, formatDuration, formatValue } from "../../chart/format";
import type { Statistic } from "../../protocol";
import { type Column, cellText } from "./columns";

/** Mean and band: the mean has no more digits than its band makes sense of. */
export function meanText({ n, mean, std }: Statistic, column: Column): string {
  const format = formatOf(column);
  if (n < 2 || std === null) return format(mean);
  if (column.kind === "duration") return `${format(mean)} ± ${format(std)}`;
  if (std === 0) return `${cellText(column, mean)} ± 0`;
  // Two digits of the band, and the mean down to the same place.
  const decimals = 1 - Math.floor(Math.log10(std));
  const isPlain = decimals >= 0 && decimals <= 6 && Math.abs(mean) < 1e7;
  if (!isPlain) return `${formatValue(mean)} ± ${formatValue(std)}`;
  return `${mean.toFixed(decimals)} ± ${std.toFixed(decimals)}`.replace(/^-/, "\u2212");
}

/** All of it, line by line. */
export function meanTip({ n, mean, std, low, high }: Statistic, column: Column): string {
  const format = formatOf(column);
  const runs = `${formatCount(n)} ${n === 1 ? "run has" : "runs have"} a number here`;
  if (n < 2) return `${format(mean)}\n${runs}`;
  const band = std === null ? "" : `\nstandard deviation ${format(std)}`;
  return `mean ${format(mean)}${band}\nfrom ${format(low)} to ${format(high)}\n${runs}`;
}

function formatOf({ kind }: Column): (value: number) => string {
  return kind === "duration" ? formatDuration : formatValue;
}
