import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SavedComparison } from "../src/compare/embedded";
import { type DecodedChart, decodeCharts } from "../src/protocol";
import { tQuantile } from "../src/report/bands";
import { groupsOf } from "../src/report/grouping";
import { PageAnswers, whyNotRegrouped } from "../src/report/regrouping";

const GOLDEN = new URL("../../tests/golden/parcels/groups.json", import.meta.url);
const KEPT = JSON.parse(readFileSync(GOLDEN, "utf-8")) as Record<string, object>;
const KINDS = ["std", "stderr", "t95", "minmax"] as const;
const BY = ["config.lr", "config.kind"];

function asked(changes: object = {}) {
  const wish = { runs: null, changed: null, x: "step", low: null, high: null };
  const ask = { op: "draw" as const, uid: "u", keys: ["loss"], ...wish, group_by: BY };
  return { ...ask, band: "std" as const, ...changes };
}

function saved(kind: string): SavedComparison {
  return SavedComparison.fromBundle(KEPT[kind]);
}

async function drawn(page: SavedComparison, changes: object): Promise<DecodedChart> {
  const { reply, bytes } = await new PageAnswers(page).send(asked(changes));
  const [chart] = decodeCharts(reply.charts ?? [], bytes);
  if (!chart) throw new Error("no chart");
  return chart;
}

for (const kind of KINDS) {
  test(`a page reckons the bands that Python reckons: ${kind}`, async () => {
    const page = saved(kind);
    const [theirs] = decodeCharts(page.charts, page.bytes, page.precision);

    const ours = await drawn(page, { band: kind });

    const { reply } = await new PageAnswers(page).send(asked());
    expect(reply.groups).toEqual(page.groups);
    expect(ours.lines.map(({ uid, group }) => [uid, group])).toEqual(
      theirs?.lines.map(({ uid, group }) => [uid, group]),
    );
    for (const one of theirs?.bands ?? []) {
      const other = ours.bands.find(({ group }) => group === one.group);
      expect([...(other?.steps ?? [])]).toEqual([...one.steps]);
      expect([...(other?.counts ?? [])]).toEqual([...one.counts]);
      for (const part of ["means", "lows", "highs"] as const) {
        one[part].forEach((value, i) => {
          const found = other?.[part][i] as number;
          const scale = Math.max(Math.abs(one.means[i] as number), Math.abs(value));
          if (Number.isNaN(value)) expect(found).toBeNaN();
          else expect(Math.abs(found - value)).toBeLessThanOrEqual(1e-12 * scale);
        });
      }
    }
  });
}

test("runs that are switched off are in no band", async () => {
  const page = saved("minmax");
  const [first, second] = page.comparison.order as [string, string];

  const chart = await drawn(page, { runs: [first, second], group_by: [], band: "minmax" });
  const grouped = await drawn(page, { runs: [first], group_by: ["state"], band: "minmax" });

  expect([chart.lines.map(({ uid }) => uid), chart.bands]).toEqual([[first, second], []]);
  expect(grouped.bands).toHaveLength(1);
  expect([...new Set(grouped.bands[0]?.counts)]).toEqual([1]);
});

test("another axis is not held, and a page that lacks points says what to do", async () => {
  const page = saved("std");
  const heads = page.charts.map((chart) => ({
    ...chart,
    lines: chart.lines.map((line) => ({ ...line, count: 5_000 })),
  }));
  const thin = new SavedComparison(page.comparison, heads, page.groups, page.bytes, 8);
  const { comparison } = page;
  const some = new SavedComparison({ ...comparison, total: 99 }, [], [], page.bytes, 8);

  await expect(new PageAnswers(page).send(asked({ x: "time" }))).rejects.toThrow("over step");
  expect(whyNotRegrouped(page)).toBe("");
  expect(whyNotRegrouped(thin)).toMatch(/holds \d+ of 35,000 points.*group_by="config.lr"/);
  expect(whyNotRegrouped(some)).toContain("not all of its runs");
});

test("Student's quantiles are those of the tables", () => {
  const told = [1, 2, 9, 30, 1_000].map((degrees) => Number(tQuantile(degrees).toFixed(5)));
  expect(told).toEqual([12.7062, 4.30265, 2.26216, 2.04227, 1.96234]);
});

test("groups stand in the order of their values; what a run lacks comes last", () => {
  const { runs } = saved("std").comparison;
  const [some] = runs as [(typeof runs)[number]];
  const made = ([10, 9, "b", "", [], true] as const).map((v, i) => {
    return { ...some, uid: `${i}`, config: v === "" ? {} : { v: v as number } };
  });

  expect(groupsOf(made, ["v"]).names).toEqual(["true", "9", "10", "(none)", "b", "(none)"]);
  expect(groupsOf(made, []).names).toEqual([""]);
  expect(groupsOf(made, ["tag"]).names).toEqual(["(none)"]);
});
