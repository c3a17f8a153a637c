import { beforeEach, describe, expect, test, vi } from "vitest";
import { RunStore, Series, type Stretch } from "../src/data";
import { Lens } from "../src/panels/lens";

/** The part of a feed that a lens uses. */
class FakeFeed {
  readonly store = new RunStore();
  readonly asked: { keys: readonly string[]; span: Stretch }[] = [];
  hasWindows = true;
  trouble = "";

  async window(keys: readonly string[], span: Stretch): Promise<void> {
    this.asked.push({ keys, span });
    if (this.trouble) throw new Error(this.trouble);
    for (const key of keys) {
      const head = { key, stream: "metric", points: 2, count: 2 } as const;
      const column = Float64Array.of(1, 2);
      const xs = span.axis === "metric" ? column : null;
      const answer = { head, steps: column, times: column, values: column, xs };
      this.store.windows.load(span, answer, this.asked.length);
    }
  }

  log(key: string, points: number, value: (step: number) => number = (step) => step): Series {
    const steps = Float64Array.from({ length: points }, (_, i) => i);
    const series = new Series(key, "metric");
    series.append(
      steps,
      steps.map((step) => step / 10),
      steps.map(value),
    );
    this.store.metrics.set(key, series);
    return series;
  }
}

describe("a lens", () => {
  let feed: FakeFeed;
  let changed: number;
  let lens: Lens;
  beforeEach(() => {
    vi.useFakeTimers();
    feed = new FakeFeed();
    changed = 0;
    lens = new Lens(
      feed as unknown as ConstructorParameters<typeof Lens>[0],
      () => changed++,
      () => 1000,
    );
    return () => vi.useRealTimers();
  });

  test("shows a short series as it is, on every axis", async () => {
    const loss = feed.log("loss", 100);

    expect(lens.series("loss", "step", { low: 3, high: 9 })).toBe(loss);
    expect(lens.series("loss", "wall", null)).toBe(loss);
    expect(lens.series("nothing", "step", null)).toBeUndefined();
    await vi.runAllTimersAsync();
    expect(feed.asked).toEqual([]);
  });

  test("asks once for all charts, with room on both sides, and shows the whole meanwhile", async () => {
    const loss = feed.log("loss", 9000);
    feed.log("acc", 9000);
    const zoom = { low: 100, high: 200 };

    expect(lens.series("loss", "step", zoom)).toBe(loss);
    lens.series("acc", "step", zoom);
    lens.series("loss", "step", zoom);
    await vi.runAllTimersAsync();

    const span = { axis: "step", metric: "", low: 75, high: 225 };
    expect(feed.asked).toEqual([{ keys: ["loss", "acc"], span }]);
    expect(changed).toBe(1);
    expect(lens.series("loss", "step", zoom)?.length).toBe(2);
    expect(lens.series("loss", "step", { low: 120, high: 130 })?.length).toBe(2);
    expect(lens.series("loss", "step", { low: 0, high: 130 })).toBe(loss);
  });

  test("cuts a reduced series anew along time, in seconds since the start", async () => {
    feed.log("loss", 9000);

    lens.series("loss", "step", null);
    lens.series("loss", "time", null);
    lens.series("loss", "wall", { low: 1100, high: 1200 });
    await vi.runAllTimersAsync();

    expect(feed.asked.map(({ span }) => span)).toEqual([
      { axis: "time", metric: "", low: null, high: null },
      { axis: "time", metric: "", low: 75, high: 225 },
    ]);
  });

  test("lays a series along a metric, anew only when one of them has changed", () => {
    feed.log("loss", 10);
    const epoch = feed.log("epoch", 10, (step) => Math.floor(step / 5));

    const once = lens.series("loss", "metric:epoch", null);

    expect(Array.from(once?.xs ?? [])).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(lens.series("loss", "metric:epoch", null)).toBe(once);
    epoch.append(Float64Array.of(10), Float64Array.of(1), Float64Array.of(2));
    expect(lens.series("loss", "metric:epoch", null)).not.toBe(once);
    expect(lens.series("loss", "metric:gone", null)).toBeUndefined();
  });

  test("says what went wrong, and asks again when it is told to", async () => {
    feed.log("loss", 9000);
    feed.trouble = "no answer within 20 s";

    lens.series("loss", "step", { low: 1, high: 2 });
    await vi.runAllTimersAsync();
    lens.series("loss", "step", { low: 1, high: 2 });
    await vi.runAllTimersAsync();
    expect([feed.asked.length, lens.problem]).toEqual([1, "no answer within 20 s"]);

    feed.trouble = "";
    lens.reset();
    lens.series("loss", "step", { low: 1, high: 2 });
    await vi.runAllTimersAsync();
    expect([feed.asked.length, lens.problem]).toEqual([2, ""]);
  });

  test("asks nobody in a saved panel", async () => {
    feed.hasWindows = false;
    const loss = feed.log("loss", 9000);

    expect(lens.series("loss", "step", { low: 1, high: 2 })).toBe(loss);
    await vi.runAllTimersAsync();
    expect(feed.asked).toEqual([]);
  });
});
