import { describe, expect, test } from "vitest";
import { stroke } from "../src/chart/stroke";
import { xTicks, yTicks } from "../src/chart/ticks";

/** Writes down where a path goes. */
class Trace {
  readonly path: [string, number, number][] = [];
  moveTo(x: number, y: number): void {
    this.path.push(["move", x, y]);
  }
  lineTo(x: number, y: number): void {
    this.path.push(["line", x, y]);
  }
}

const SAME = { x: (value: number) => value, y: (value: number) => value };
const EVERYTHING = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

function traced(
  x: readonly number[],
  y: readonly (number | null)[],
  { range = EVERYTHING, map = SAME, fineness = 1 } = {},
) {
  const trace = new Trace();
  const dots = stroke(trace, x, y, range, map, fineness);
  return { path: trace.path, dots };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("a curve on its way to pixels", () => {
  test("goes through every point where there is room", () => {
    const { path, dots } = traced([0, 1, 2], [5, 7, 6]);

    expect(path).toEqual([
      ["move", 0, 5],
      ["line", 1, 7],
      ["line", 2, 6],
    ]);
    expect(dots).toEqual([]);
  });

  test("has a gap where there is no value, and a dot for a point alone", () => {
    const { path, dots } = traced([0, 1, 2, 3, 4], [5, null, 7, null, 6]);

    expect(path.every(([verb]) => verb === "move")).toBe(true);
    expect(dots).toEqual([
      { x: 0, y: 5 },
      { x: 2, y: 7 },
      { x: 4, y: 6 },
    ]);
  });

  test("a spike one point wide survives ten thousand points in ten columns", () => {
    const values = upTo(10_000).map((i) => (i === 4321 ? 1e6 : Math.sin(i)));

    const { path } = traced(upTo(10_000), values, {
      map: { x: (value) => value / 1000, y: (value) => Math.min(value, 99) },
    });

    expect(path.length).toBeLessThanOrEqual(40);
    expect(path).toContainEqual(["line", 4, 99]);
  });

  test("each column shows its first, least, greatest and last value in their order", () => {
    const x = [0, 0.2, 0.4, 0.6, 0.8];

    expect(traced(x, [3, 9, 1, 4, 5]).path.map(([, , y]) => y)).toEqual([3, 9, 1, 5]);
    expect(traced(x, [3, 1, 9, 4, 5]).path.map(([, , y]) => y)).toEqual([3, 1, 9, 5]);
    expect(traced(x, [3, 3, 3, 3, 3]).path.map(([, , y]) => y)).toEqual([3]);
  });

  test("column by column nothing is higher or lower than what was logged, nor is it lost", () => {
    const values = upTo(5_000).map((i) => Math.sin(i * 12.9898) * ((i * 7919) % 101));
    const map = { x: (value: number) => value / 37, y: (value: number) => value };

    const { path } = traced(upTo(5_000), values, { map });

    for (let column = 0; column * 37 < values.length; column++) {
      const drawn = path.filter(([, x]) => Math.floor(x) === column).map(([, , y]) => y);
      const logged = values.filter((_, i) => Math.floor(i / 37) === column);
      expect(Math.max(...drawn)).toBe(Math.max(...logged));
      expect(Math.min(...drawn)).toBe(Math.min(...logged));
    }
  });

  test("only what is in sight is drawn, and one point beyond each end", () => {
    const { path } = traced(upTo(100), upTo(100), { range: { low: 40, high: 42 } });

    expect(path.map(([, x]) => x)).toEqual([39, 40, 41, 42, 43]);
  });

  test("what lies far outside keeps its direction and no more", () => {
    const { path } = traced([0, 1], [0, 1e300]);

    expect(path[1]).toEqual(["line", 1, 1e5]);
  });
});

describe("labels of an axis", () => {
  test("stand at round numbers with room between them", () => {
    expect(xTicks("step", { low: 0, high: 100 }, 300).at).toEqual([0, 20, 40, 60, 80, 100]);
    expect(xTicks("step", { low: 0, high: 3 }, 900).labels).toEqual(["0", "1", "2", "3"]);
    expect(yTicks("plain", false, { low: 0, high: 1 }, 130).labels).toEqual(["0", "0.5", "1.0"]);
  });

  test("of percent and of memory have their units", () => {
    expect(yTicks("percent", false, { low: 0, high: 100 }, 120).labels).toEqual([
      "0%",
      "50%",
      "100%",
    ]);
    expect(yTicks("mebibytes", false, { low: 0, high: 4096 }, 130).at).toEqual([
      0, 1024, 2048, 3072, 4096,
    ]);
  });

  test("of a logarithmic axis are powers of ten, thinned where there are many", () => {
    expect(yTicks("plain", true, { low: 0.5, high: 2e4 }, 150).at).toEqual([1, 10, 100, 1e3, 1e4]);
    expect(yTicks("plain", true, { low: 1e-30, high: 1e30 }, 150).at.length).toBeLessThan(10);
  });

  test("of less than two powers of ten are simple multiples, too", () => {
    expect(yTicks("plain", true, { low: 1.5, high: 7 }, 150).labels).toEqual(["2", "5"]);
    expect(yTicks("plain", true, { low: 1.5e5, high: 7e5 }, 150).labels).toEqual(["2e5", "5e5"]);
  });

  test("are none where numbers cannot tell the places apart", () => {
    const { at } = xTicks("step", { low: 1e300, high: 1e300 * (1 + 1e-15) }, 300);

    expect(at.length).toBeLessThanOrEqual(100);
  });
});
