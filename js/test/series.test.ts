import { describe, expect, test } from "vitest";
import { extremes, MOST_POINTS, offerHost, Series, smooth } from "../src/data";

const ones = (n: number) => new Float64Array(n).fill(1);

function appended(n: number, value: (i: number) => number, chunk = 7): Series {
  const series = new Series("loss", "metric");
  for (let from = 0; from < n; from += chunk) {
    const steps = Float64Array.from({ length: Math.min(chunk, n - from) }, (_, i) => from + i);
    series.append(
      steps,
      steps.map((step) => step / 10),
      steps.map(value),
    );
  }
  return series;
}

const kept = (series: Series) => Array.from(series.values.subarray(0, series.length));

describe("extremes", () => {
  test("a spike one step wide survives a hundredfold reduction", () => {
    const values = new Float64Array(10_000);
    values[4321] = 1e6;

    expect(extremes(values, ones(10_000), 10_000, 50).indices).toContain(4321);
  });

  test("first and last points stay, and indices ascend", () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i));

    const { indices } = extremes(values, ones(5000), 5000, 100);

    expect(indices[0]).toBe(0);
    expect(indices.at(-1)).toBe(4999);
    expect(Array.from(indices)).toEqual([...new Set(indices)].sort((a, b) => a - b));
  });

  test("every bucket with a NaN keeps one of them", () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => (i === 555 ? Number.NaN : i));

    expect(extremes(values, ones(1000), 1000, 10).indices).toContain(555);
  });

  test("a bucket of nothing but NaN is not empty", () => {
    const { indices } = extremes(new Float64Array(100).fill(Number.NaN), ones(100), 100, 10);

    expect(indices.length).toBeGreaterThanOrEqual(10);
  });

  test("the weights of what stays add up to all that was logged", () => {
    const weights = Float64Array.from({ length: 777 }, (_, i) => 1 + (i % 5));
    const values = weights.map((_, i) => Math.cos(i));

    const result = extremes(values, weights, 777, 33);

    const sum = (array: Float64Array) => array.reduce((a, b) => a + b, 0);
    expect(sum(result.weights)).toBeCloseTo(sum(weights), 6);
  });
});

describe("a series", () => {
  test("keeps every point while it is short", () => {
    const series = appended(3000, (i) => i * i);

    expect(series.length).toBe(3000);
    expect(series.reduced).toBe(false);
    expect(series.values[2999]).toBe(2999 ** 2);
  });

  test("keeps as many points as the page's settings want", () => {
    const confirmsStop = true;
    const charts = { points: 301, smoothing: 0, axis: "auto" } as const;
    const withdraw = offerHost({ showCell() {}, saveReport() {}, confirmsStop, charts });

    const series = appended(10_000, (i) => (i === 77 ? 5 : 0), 100);
    withdraw();

    expect(series.length).toBeGreaterThan(200);
    expect(series.length).toBeLessThanOrEqual(602);
    expect(Math.max(...kept(series))).toBe(5);
  });

  test("stays small and keeps exact extremes however long it grows", () => {
    const series = appended(
      100_000,
      (i) => (i === 1234 ? 99 : i === 77_777 ? -99 : Math.sin(i)),
      501,
    );

    expect(series.length).toBeLessThanOrEqual(MOST_POINTS);
    expect(series.count).toBe(100_000);
    expect(Math.max(...kept(series))).toBe(99);
    expect(Math.min(...kept(series))).toBe(-99);
    expect(series.steps[0]).toBe(0);
    expect(series.steps[series.length - 1]).toBe(99_999);
  });

  test("is reduced evenly: its beginning does not fade", () => {
    const series = appended(200_000, (i) => Math.sin(i / 3), 1000);

    const steps = Array.from(series.steps.subarray(0, series.length));
    const early = steps.filter((step) => step < 50_000).length;
    expect(early / steps.length).toBeGreaterThan(0.15);
  });

  test("keeps NaN and infinities through many reductions", () => {
    const series = appended(
      50_000,
      (i) => (i === 999 ? Number.NaN : i === 5000 ? Infinity : 1),
      100,
    );

    expect(kept(series).some(Number.isNaN)).toBe(true);
    expect(kept(series)).toContain(Infinity);
  });
});

describe("whatever comes in whatever portions", () => {
  /** Equal on every machine, unlike Math.random. */
  function generator(seed: number): () => number {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }

  function grown(random: () => number, values: Float64Array): Series {
    const series = new Series("loss", "metric");
    for (let from = 0; from < values.length; ) {
      const end = Math.min(values.length, from + 1 + Math.floor(random() * 3000));
      const steps = Float64Array.from({ length: end - from }, (_, i) => from + i);
      series.append(steps, steps, values.subarray(from, end));
      from = end;
    }
    return series;
  }

  const ends = (values: Iterable<number>) => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return [low, high];
  };

  test.each([1, 2, 3, 4, 5])("every column keeps its exact extremes (seed %i)", (seed) => {
    const random = generator(seed);
    const values = Float64Array.from({ length: 60_000 }, () => 1 / (random() - 0.5));
    const series = grown(random, values);

    const steps = series.steps.subarray(0, series.length);
    expect(
      steps.every((step, i) => series.values[i] === values[step]),
      "all were logged",
    ).toBe(true);
    // Each extreme is kept in its bucket: at most a quarter of a column beside its column.
    const width = values.length / (MOST_POINTS / 32);
    const missing = [];
    for (let from = 0; from < values.length; from += width) {
      const near = [...steps.keys()].filter((i) => {
        const step = steps[i] as number;
        return step >= from - width / 4 && step < from + 1.25 * width;
      });
      const [low, high] = ends(values.subarray(from, from + width)) as [number, number];
      const [seenLow, seenHigh] = ends(near.map((i) => series.values[i] as number));
      if ((seenLow as number) > low || (seenHigh as number) < high) missing.push(from);
    }
    expect(missing).toEqual([]);
  });

  test.each([0, 1, 777_777, 1_999_999])("a spike at step %i of two million is there", (at) => {
    const values = new Float64Array(2_000_000).fill(0.5);
    values[at] = -3;

    const series = grown(generator(at + 1), values);

    const index = series.values.subarray(0, series.length).indexOf(-3);
    expect(series.steps[index]).toBe(at);
    expect(series.ends().low).toBe(index);
    expect(series.count).toBe(2_000_000);
  });
});

describe("smooth", () => {
  const values = Float64Array.from([0, 1, Number.NaN, 1]);

  test("is debiased: the first value equals itself", () => {
    expect(smooth(Float64Array.from([5, 5, 5]), ones(3), 3, 0.99)[0]).toBeCloseTo(5, 12);
  });

  test("leaves gaps where they are", () => {
    const line = smooth(values, ones(4), 4, 0.5);

    expect(line[0]).toBe(0);
    expect(line[1]).toBeCloseTo(2 / 3, 12);
    expect(line[2]).toBeNaN();
    expect(line[3]).toBeCloseTo(6 / 7, 12);
  });

  test("an infinity does not poison what comes after it", () => {
    const line = smooth(Float64Array.from([1, Infinity, 1]), ones(3), 3, 0.9);

    expect(line[2]).toBeCloseTo(1, 12);
  });

  test("a point that stands for many weighs like them", () => {
    const many = smooth(Float64Array.from([0, 0, 0, 0, 10]), ones(5), 5, 0.8);
    const one = smooth(Float64Array.from([0, 10]), Float64Array.from([4, 1]), 2, 0.8);

    expect(one[1]).toBeCloseTo(many[4] as number, 10);
  });
});
