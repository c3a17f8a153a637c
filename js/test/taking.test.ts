import { describe, expect, test, vi } from "vitest";
import type { Chart, Colors, Content } from "../src/chart";
import { tableOfBands, tableOfRuns } from "../src/compare/tables";
import { Series } from "../src/data";
import { asSvg } from "../src/panels/copying";
import { asCsv } from "../src/panels/csv";
import { legendRows } from "../src/panels/legend-rows";
import type { ComparedRun } from "../src/protocol";

const item = (label: string) => ({ label, color: "red", dash: [] });
const perLetter = (text: string) => 10 * text.length;

describe("the legend of a picture", () => {
  test("goes on in the next row where one is full", () => {
    const placed = legendRows(["aaaa", "bbbb", "cc"].map(item), 160, perLetter);

    expect(placed.map(({ left, row }) => [left, row])).toEqual([
      [0, 0],
      [75, 0],
      [0, 1],
    ]);
  });

  test("counts the lines that it has no room for", () => {
    const names = Array.from({ length: 30 }, (_, i) => `run-${10 + i}`);

    const placed = legendRows(names.map(item), 210, perLetter);

    expect(placed.at(-1)).toMatchObject({ label: "and 23 more", row: 3 });
    expect(placed).toHaveLength(8);
  });

  test("names a line that is wider than the picture", () => {
    const placed = legendRows(["a".repeat(99), "b"].map(item), 100, perLetter);

    expect(placed.map(({ row }) => row)).toEqual([0, 1]);
  });
});

describe("several runs as CSV", () => {
  const points = (values: readonly number[], count: number) => {
    const steps = Float64Array.from(values, (_, i) => 10 * i);
    const [numbers, weights] = [Float64Array.from(values), Float64Array.from(values)];
    return Series.of("loss", { steps, times: steps, xs: steps, values: numbers, weights, count });
  };
  const run = (name: string) => ({ name, id: `id-${name}` }) as ComparedRun;

  test("have a row per point and run, along what lies below", () => {
    const lines = [
      { run: run("=otter"), series: points([1, Number.NaN], 2) },
      { run: run("fox"), series: points([3], 1) },
    ];

    const table = tableOfRuns("loss", "epoch", lines);

    expect(table.reduced).toBe(false);
    expect(asCsv(table).split("\r\n")).toEqual([
      "key,run,id,epoch,value",
      "loss,'=otter,id-=otter,0,1",
      "loss,'=otter,id-=otter,10,NaN",
      "loss,fox,id-fox,0,3",
      "",
    ]);
  });

  test("say when points were left out", () => {
    const lines = [{ run: run("fox"), series: points([3], 500) }];

    expect(tableOfRuns("loss", "time", lines)).toMatchObject({
      head: ["key", "run", "id", "time_s", "value"],
      reduced: true,
    });
  });

  test("are groups where there are groups", () => {
    const column = (...values: number[]) => Float64Array.from(values);
    const band = {
      ...{ group: 1, steps: column(0, 5), counts: column(2, 1) },
      ...{ means: column(0.5, 1), lows: column(0, Number.NaN), highs: column(1, Number.NaN) },
    };

    expect(asCsv(tableOfBands("loss", [band], ["one", "two"])).split("\r\n")).toEqual([
      "key,group,step,n,mean,low,high",
      "loss,two,0,2,0.5,0,1",
      "loss,two,5,1,1,NaN,NaN",
      "",
    ]);
  });
});

describe("a chart as vectors", () => {
  const colors = {
    ...{ text: "black", background: "white", grid: "grey", font: "11px x" },
    series: (i: number) => `color-${i}`,
  } as unknown as Colors;
  const content = { x: [0, 1], raw: [1, 2], smoothed: [] } as unknown as Content;
  const area = {
    x: Float64Array.of(0, 1, 2, 3),
    lows: Float64Array.of(0, 0, Number.NaN, 0),
    highs: Float64Array.of(1, 1, 1, 1),
    color: 4,
  };
  const chart = {
    shown: {
      x: { low: 0, high: 3 },
      y: { low: 0, high: 2 },
      picture: {
        lines: [
          { content, color: 0, faint: true },
          { content, color: 1, dash: [5, 3] },
          { content, color: 2 },
        ],
        areas: [area],
        log: false,
      },
    },
  } as unknown as Chart;

  test("has its bands, stands faint lines back and names what the legend names", () => {
    const measure = { measureText: (text: string) => ({ width: 6 * text.length }) };
    vi.stubGlobal("document", { createElement: () => ({ getContext: () => measure }) });
    const portrait = { title: "a<b", names: ["", "<one>", "two"], colors };

    const svg = asSvg(chart, portrait, { x: String, y: String }) ?? "";

    expect(svg).toContain(">a&lt;b</text>");
    expect(svg).toContain(">&lt;one&gt;</text>");
    expect(svg.match(/<path[^>]* fill="color-4"/g)).toHaveLength(1);
    // Two stretches: nothing is filled where an edge is missing.
    expect(/<path d="([^"]+)" fill="color-4"/.exec(svg)?.[1]?.match(/Z/g)).toHaveLength(2);
    expect(svg).toMatch(/stroke="color-0" opacity="0.28"/);
    expect(svg).toMatch(/stroke="color-1" stroke-dasharray="5 3"/);
    expect(svg).not.toMatch(/NaN/);
    vi.unstubAllGlobals();
  });
});
