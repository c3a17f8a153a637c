/**
 * Who answers on a page that stands alone: other groups, other bands and runs that are switched
 * off are reckoned anew, exactly, where the page holds every point of every run.
 */
import type { SavedComparison } from "../compare/embedded";
import { type Answer, type Ask, RequestError, type ServerDoor } from "../data";
import { joined } from "../data/joined";
import {
  type ChartHead,
  type DecodedBand,
  type DecodedChart,
  type Draw,
  decodeCharts,
} from "../protocol";
import { bandOf } from "./bands";
import { groupsOf } from "./grouping";

type Wish = Omit<Draw, "id">;

const MOST_GROUPS = 24;
const HOW = 'nbtrack.report(…, sections=[nbtrack.Section("comparison", group_by="config.lr")])';

/** Says why a page cannot regroup its runs, and what to do; "" where it can. */
export function whyNotRegrouped({ charts, comparison }: SavedComparison): string {
  const left = comparison.total - comparison.runs.length;
  const lines = charts.flatMap((chart) => chart.lines);
  const [kept, all] = [sumOf(lines, "points"), sumOf(lines, "count")];
  const isPart = left > 0 || charts.some((chart) => chart.lines.length < chart.runs);
  if (!isPart && kept >= all) return "";
  const what = isPart
    ? "not all of its runs"
    : `${kept.toLocaleString("en")} of ${all.toLocaleString("en")} points`;
  return `Groups are those it was written with: this page holds ${what}, and a mean needs all of them. To write it with others: ${HOW}.`;
}

function sumOf(
  lines: readonly { readonly points: number; readonly count: number }[],
  what: "points" | "count",
): number {
  return lines.reduce((sum, line) => sum + line[what], 0);
}

export class PageAnswers implements ServerDoor {
  private readonly charts: ReadonlyMap<string, DecodedChart>;

  constructor(private readonly saved: SavedComparison) {
    const { charts, bytes, precision } = saved;
    const decoded = decodeCharts(charts, bytes, precision);
    this.charts = new Map(decoded.map((chart) => [chart.head.key, chart]));
  }

  send(ask: Ask): Promise<Answer> {
    if (ask.op === "draw" && ask.x === this.saved.comparison.x) {
      return Promise.resolve(this.draw(ask));
    }
    const why = `This page holds its runs over ${this.saved.comparison.x} alone.`;
    return Promise.reject(new RequestError("Saved", why));
  }

  private draw(ask: Wish): Answer {
    const asked = ask.runs && new Set(ask.runs);
    const { runs } = this.saved.comparison;
    const there = asked ? runs.filter((run) => asked.has(run.uid)) : runs;
    const { names, numberOf } = groupsOf(there, ask.group_by);
    const parts: Float64Array[] = [];
    const charts = ask.keys.flatMap((key) => {
      const chart = this.charts.get(key);
      return chart ? this.chart(chart, ask, numberOf, parts) : [];
    });
    const reply = { op: "reply", id: "page", uid: ask.uid, charts, groups: names } as const;
    return { reply, bytes: joined(parts) };
  }

  private chart(
    chart: DecodedChart,
    ask: Wish,
    numberOf: ReadonlyMap<string, number>,
    parts: Float64Array[],
  ): ChartHead {
    const shown = chart.lines.flatMap((line) => {
      const group = numberOf.get(line.uid);
      return group === undefined ? [] : [{ ...line, group }];
    });
    const hasBands = ask.group_by.length > 0 && ask.x === "step";
    const groups = hasBands ? [...new Set(shown.map(({ group }) => group))] : [];
    const bands = groups
      .filter((group) => group < MOST_GROUPS)
      .map((group): DecodedBand => {
        const members = shown.filter((line) => line.group === group);
        const lines = members.map(({ x: steps, values }) => ({ steps, values }));
        return bandOf(group, lines, ask.band);
      });
    for (const { x, values } of shown) parts.push(x, values);
    for (const one of bands) parts.push(one.steps, one.counts, one.means, one.lows, one.highs);
    const tooMany = groups.length > MOST_GROUPS;
    return {
      key: chart.head.key,
      runs: shown.length,
      lines: shown.map(({ uid, group, values, count }) => {
        return { uid, group, points: values.length, count };
      }),
      bands: bands.map(({ group, steps }) => ({ group, points: steps.length })),
      trouble: tooMany ? `Bands are drawn of ${MOST_GROUPS} of ${groups.length} groups.` : "",
    };
  }
}
