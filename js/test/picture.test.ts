import { describe, expect, test } from "vitest";
import { placeOf, wallClock } from "../src/chart/axis";
import { type Content, contentOf, firstFrom } from "../src/chart/content";
import { formatClockTick } from "../src/chart/format";
import { keyed, wheeled } from "../src/chart/gestures";
import { clippedRange, moved, scaled, valueRange, wholeRange, within } from "../src/chart/ranges";
import { laid, Series } from "../src/data";

function series(key: string, points: readonly (readonly [number, number])[]): Series {
  const made = new Series(key, "metric");
  const steps = Float64Array.from(points, ([step]) => step);
  made.append(
    steps,
    steps,
    Float64Array.from(points, ([, value]) => value),
  );
  return made;
}

const PLAIN = { axis: "step", smoothing: 0, log: false } as const;

function content(points: readonly (readonly [number, number])[], options = {}): Content {
  return contentOf(series("loss", points), { ...PLAIN, ...options });
}

const all = (values: readonly number[]) => content(values.map((value, i) => [i, value]));

describe("the ends of axes", () => {
  test("x goes over all lines, and a single point has room", () => {
    expect(wholeRange([all([1, 2]), content([[7, 1]])])).toEqual({ low: 0, high: 7 });
    expect(wholeRange([content([[7, 1]])])).toEqual({ low: 6, high: 8 });
    expect(wholeRange([content([[0.2, 1]])])).toEqual({ low: 0, high: 1.2 });
    expect(wholeRange([content([[-0.2, 1]])])).toEqual({ low: -1.2, high: 0.8 });
    expect(wholeRange([])).toEqual({ low: 0, high: 1 });
  });

  test("what never falls below zero keeps zero as its floor", () => {
    expect(valueRange(0.1, 2, false).low).toBe(0);
    expect(valueRange(1.9, 2, false).low).toBeGreaterThan(1.8);
    expect(valueRange(null, null, true)).toEqual({ low: 0.1, high: 10 });
  });

  test("outliers are left out and counted", () => {
    const values = Array.from({ length: 400 }, (_, i) => 1 + Math.sin(i));
    values[17] = 80;
    values[200] = -90;
    values[201] = 70;

    const clipped = clippedRange([all(values)], { low: 0, high: 400 }, false);

    expect(clipped).toMatchObject({ above: 2, below: 1 });
    expect(clipped?.range.high).toBeCloseTo(2, 2);
    expect(clippedRange([all(values)], { low: 20, high: 100 }, false)).toBeNull();
  });

  test("a line of few points among many is no outlier", () => {
    const many = all(Array.from({ length: 400 }, (_, i) => 1 + Math.sin(i)));
    const few = content([
      [10, 9],
      [300, 8],
    ]);

    expect(clippedRange([many, few], { low: 0, high: 400 }, false)).toBeNull();
  });

  test("a zoom stays inside of what there is, and ends where it shows all of it", () => {
    const whole = { low: 0, high: 100 };

    expect(within({ low: -5, high: 15 }, whole)).toEqual({ low: 0, high: 20 });
    expect(within({ low: 90, high: 110 }, whole)).toEqual({ low: 80, high: 100 });
    expect(within({ low: -5, high: 105 }, whole)).toBeNull();
    expect(scaled({ low: 0, high: 10 }, 5, 0.5)).toEqual({ low: 2.5, high: 7.5 });
    expect(moved({ low: 0, high: 10 }, 0.5)).toEqual({ low: 5, high: 15 });
  });
});

describe("keys and wheel", () => {
  const stand = { range: { low: 10, high: 30 }, x: 20, points: [0, 10, 20, 21, 30, 40] };
  const press = (key: string, more: Partial<KeyboardEvent> = {}, at: Partial<typeof stand> = {}) =>
    keyed({ key, ...more } as KeyboardEvent, { ...stand, ...at });

  test("arrows move along the points that can be seen", () => {
    expect(press("ArrowRight")).toBe(21);
    expect(press("ArrowLeft")).toBe(10);
    expect(press("ArrowLeft", {}, { x: 10 })).toBe(10);
    expect(press("End")).toBe(30);
    expect(press("Home")).toBe(10);
    expect(keyed({ key: "ArrowLeft" } as KeyboardEvent, { ...stand, x: null })).toBe(30);
  });

  test("plus and minus zoom around the crosshair, pages move along, zero resets", () => {
    expect(press("+")).toEqual({ low: 14, high: 26 });
    expect(press("PageDown")).toEqual({ low: 15, high: 35 });
    expect(press("0")).toBe("reset");
    expect(press("q")).toBeNull();
    expect(press("+", { ctrlKey: true }), "the browser's own zoom").toBeNull();
  });

  test("the wheel alone scrolls the page", () => {
    const turned = (more: Partial<WheelEvent>) =>
      wheeled(
        { deltaX: 0, deltaY: 100, preventDefault: () => {}, ...more } as WheelEvent,
        stand.range,
        20,
      );

    expect(turned({})).toBeNull();
    expect(turned({ ctrlKey: true })?.low).toBeCloseTo(8, 6);
    expect(turned({ metaKey: true, deltaY: -100 })?.low).toBeGreaterThan(10);
  });
});

describe("a series along another metric", () => {
  const below = series("epoch", [
    [1, 0.5],
    [4, 1.5],
  ]);

  test("stands at the value that this one had last", () => {
    const along = laid(
      series("loss", [
        [0, 9],
        [1, 8],
        [3, 7],
        [5, 6],
      ]),
      below,
      null,
    );

    expect(Array.from(along.xs ?? [])).toEqual([0.5, 0.5, 1.5]);
    expect(Array.from(along.values)).toEqual([8, 7, 6]);
  });

  test("says where its places lie between those that were kept", () => {
    const ends = series("epoch", [
      [0, 0],
      [4, 1],
    ]);
    const kept = Object.assign(ends, { count: 40 });
    const at = (...steps: number[]) =>
      laid(
        series(
          "loss",
          steps.map((step) => [step, 9] as const),
        ),
        kept,
        null,
      );

    expect(Array.from(at(0, 2, 4).xs ?? [])).toEqual([0, 0.5, 1]);
    expect(at(0, 2, 4).estimated).toBe(true);
    expect(at(0, 4, 5).estimated).toBe(false);
  });

  test("is sorted by it, whatever the order of logging was", () => {
    const falling = series("lr", [
      [0, 3],
      [1, 2],
      [2, 1],
    ]);
    const along = laid(
      series("loss", [
        [0, 30],
        [1, 20],
        [2, 10],
      ]),
      falling,
      null,
    );

    expect(Array.from(along.values)).toEqual([10, 20, 30]);
    expect(contentOf(along, { ...PLAIN, axis: "metric:lr" }).x).toEqual([1, 2, 3]);
  });

  test("goes on behind the exact points of a window", () => {
    const whole = series("loss", [
      [1, 8],
      [3, 7],
      [5, 6],
    ]);
    const window = new Series("loss", "metric");
    window.load({
      head: { key: "loss", stream: "metric", points: 2, count: 50 },
      steps: Float64Array.of(1, 3),
      times: Float64Array.of(1, 3),
      values: Float64Array.of(80, 70),
      xs: Float64Array.of(0.5, 0.6),
    });

    const along = laid(whole, below, window);

    expect(Array.from(along.values)).toEqual([80, 70, 6]);
    expect(along.count).toBe(50);
  });
});

describe("the clock on the wall", () => {
  test("midnights lie on multiples, whatever the reader's zone", () => {
    const midnight = new Date(2026, 10, 28).getTime() / 1000;

    expect(wallClock(midnight) % 86_400).toBe(0);
    expect(formatClockTick(wallClock(midnight), 3600)).toBe("Nov 28");
    expect(formatClockTick(wallClock(midnight) + 3725, 60)).toBe("01:02");
    expect(formatClockTick(wallClock(midnight) + 3725.25, 0.05)).toBe("01:02:05.25");
  });

  test("moments of the machine stand on it, but on no step", () => {
    const moment = { time: 5, step: Number.NaN };

    expect(placeOf(moment, "wall", 100)).toBe(105);
    expect(placeOf(moment, "time", 100)).toBe(5);
    expect(placeOf(moment, "step", 100)).toBeNull();
  });
});

test("the first entry from a place on is found", () => {
  expect([-1, 0, 3, 5, 99].map((at) => firstFrom([0, 5, 10], at))).toEqual([0, 0, 1, 1, 3]);
});
