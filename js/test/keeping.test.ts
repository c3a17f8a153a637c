import { beforeEach, describe, expect, test, vi } from "vitest";
import { Series } from "../src/data";
import { asCsv, tableOf } from "../src/panels/csv";
import { keep, kept } from "../src/panels/keeping";
import { fileName } from "../src/panels/saving";
import { searchPattern } from "../src/panels/tools";
import { extremesText, noteText, summaryText } from "../src/panels/words";

/** A browser's storage, as far as it is used. */
class Shelf {
  readonly entries = new Map<string, string>();
  get length(): number {
    return this.entries.size;
  }
  key(index: number): string | null {
    return [...this.entries.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.entries.set(key, value);
  }
  removeItem(key: string): void {
    this.entries.delete(key);
  }
}

const usual = () => ({
  tab: "charts",
  smoothing: 0,
  zoom: null as unknown,
  log: new Set<string>(),
  overlays: new Map<string, readonly string[]>(),
});

describe("the look of a run", () => {
  let shelf: Shelf;
  beforeEach(() => {
    shelf = new Shelf();
    vi.stubGlobal("localStorage", shelf);
    return () => vi.unstubAllGlobals();
  });

  test("is there again after a reload", () => {
    const state = {
      ...usual(),
      smoothing: 0.6,
      zoom: { axis: "step", low: 3, high: 9 },
      log: new Set(["loss"]),
      overlays: new Map([["loss", ["val/loss"]]]),
    };

    keep("run", state);

    expect(kept("run", usual())).toEqual(state);
    expect(kept("another", usual())).toEqual(usual());
  });

  test("of another kind than the usual one counts as missing", () => {
    const hostile = {
      tab: 7,
      smoothing: "0.5",
      zoom: { low: 9, high: 3 },
      log: [1],
      overlays: { loss: "val/loss" },
      extra: "x",
    };
    shelf.setItem("nbtrack.view.run", JSON.stringify({ at: 1, state: hostile }));
    expect(kept("run", usual())).toEqual(usual());

    shelf.setItem("nbtrack.view.run", "no JSON");
    expect(kept("run", usual())).toEqual(usual());
  });

  test("is kept for the fifty runs that were looked at last", () => {
    vi.useFakeTimers();
    for (let i = 0; i < 60; i++) {
      vi.setSystemTime(1000 + i);
      keep(`run-${i}`, usual());
    }
    vi.useRealTimers();

    expect(shelf.length).toBe(50);
    expect(shelf.getItem("nbtrack.view.run-9")).toBeNull();
    expect(shelf.getItem("nbtrack.view.run-59")).not.toBeNull();
  });

  test("needs no storage", () => {
    vi.stubGlobal("localStorage", undefined);

    keep("run", usual());

    expect(kept("run", usual())).toEqual(usual());
  });
});

function series(key: string, values: readonly number[]): Series {
  const made = new Series(key, "metric");
  const steps = Float64Array.from(values, (_, i) => i);
  made.append(steps, steps, Float64Array.from(values));
  return made;
}

describe("data as CSV", () => {
  test("has a row per point, and no formulas", () => {
    const rows = [series('=HYPERLINK("x")', [-1.5, Number.NaN]), series("a,b", [2])];
    const text = asCsv(tableOf(rows));

    expect(text.split("\r\n")).toEqual([
      "key,step,time_s,value",
      `"'=HYPERLINK(""x"")",0,0,-1.5`,
      `"'=HYPERLINK(""x"")",1,1,NaN`,
      '"a,b",0,0,2',
      "",
    ]);
    for (const key of ["+1", "-1", "@x", "\tx", " =1", "\r=1"]) {
      expect(asCsv(tableOf([series(key, [1])])).split("\n")[1], key).toMatch(/^"?'/);
    }
  });

  test("has a file name without places in it", () => {
    expect(fileName("../../etc/passwd", "csv")).toBe("etc-passwd.csv");
    expect(fileName("train/loss", "png")).toBe("train-loss.png");
    expect(fileName("🧪", "svg")).toBe("chart.svg");
  });
});

describe("a search", () => {
  test("that is no regular expression says so and searches the text itself", () => {
    const { pattern, problem } = searchPattern("loss(");

    expect(pattern?.test("my loss(x)")).toBe(true);
    expect(problem).toMatch(/^Not a regular expression \(unterminated group\)/);
    expect(problem).toContain("Write \\( to mean the sign (");
  });

  test("that is one says nothing", () => {
    expect(searchPattern("^val/|acc")).toMatchObject({ problem: "" });
    expect(searchPattern("")).toEqual({ pattern: null, problem: "" });
  });
});

describe("a chart in words", () => {
  const format = (value: number) => String(value);

  test("tells its extremes with their steps", () => {
    expect(extremesText(series("loss", [3, 9, 1]), { format })).toBe("min 1 @ 2   max 9 @ 1");
    expect(extremesText(series("loss", [3, 3]), { format })).toBe("");
    expect(extremesText(series("loss", [Number.NaN]), { format })).toBe("");
  });

  test("never shows a sample as if it were all", () => {
    const long = series(
      "loss",
      Array.from({ length: 9000 }, (_, i) => i),
    );

    const { text, trouble } = noteText({ series: [long], below: 0, clipped: null, format });

    expect(text).toMatch(/^[\d,]+ of 9,000 points, extremes exact$/);
    expect(trouble).toBe(false);
    expect(noteText({ series: [series("a", [1])], below: 0, clipped: null, format }).text).toBe("");
  });

  test("claims no place that it has not", () => {
    const placed = Object.assign(series("loss", [1, 2]), { estimated: true });
    const noted = { series: [placed], below: 0, clipped: null, format };

    expect(noteText(noted)).toEqual({ text: "places along the axis estimated", trouble: false });
    placed.count = 50;
    expect(noteText(noted).text).toBe(
      "2 of 50 points, extremes exact, places along the axis estimated",
    );
  });

  test("says what it clips", () => {
    const clipped = { range: { low: 0, high: 12.4 }, above: 3, below: 1 };
    const noted = { series: [series("loss", [1, 2])], below: 2, clipped, format };

    expect(noteText(noted)).toEqual({
      text: "2 points ≤ 0 not on a log axis · 3 points above 12.4, 1 point below 0 not shown",
      trouble: true,
    });
  });

  test("is a sentence for those who cannot see it", () => {
    expect(summaryText(series("loss", [3, 9, 1]), format)).toBe(
      "loss: 3 values, newest 1 at step 2, lowest 1, highest 9",
    );
  });
});
