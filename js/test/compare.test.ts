import { expect, test, vi } from "vitest";
import { areaRange } from "../src/chart/areas";
import { slotsOf } from "../src/compare/colours";
import { Drawings } from "../src/compare/drawings";
import { SavedComparison } from "../src/compare/embedded";
import { CompareFeed } from "../src/compare/feed";
import { Scale } from "../src/compare/scale";
import {
  bestOf,
  compareState,
  drawChosen,
  drawSaved,
  found,
  judgeBy,
  keepCompareState,
  lookName,
  plotted,
  ranksOf,
  windowOf,
} from "../src/compare/state";
import { CompareStore, columnsOf } from "../src/compare/store";
import { drawnWords, keysLeftOut, shortText, valuesLeftOut } from "../src/compare/words";
import {
  type Answer,
  type Ask,
  CommSource,
  offerServerDoor,
  RequestError,
  type Source,
} from "../src/data";
import type { ComparedRun, Comparison, Json } from "../src/protocol";
import { asMessage, decodeCharts, NO_BYTES } from "../src/protocol";

function run(uid: string, config: Record<string, Json>, fields: Partial<ComparedRun> = {}) {
  return {
    ...{ uid, id: uid, name: uid, project: "digits", state: "finished", started: 1, ended: 2 },
    ...{ active: 1, step: 3, group: "", job_type: "", tags: [], config, summary: {} },
    ...fields,
  } as ComparedRun;
}

function comparison(runs: readonly ComparedRun[], changes: Partial<Comparison> = {}): Comparison {
  return {
    ...{ op: "comparison", version: 1, uid: "compare-1", sequence: 1, full: true },
    ...{ runs, order: runs.map((one) => one.uid), total: runs.length, shown: [] },
    keys: [{ key: "val/loss", runs: runs.length, goal: "", hidden: false }],
    ...{ x: "step", group_by: [], band: "std" },
    ...changes,
  };
}

/** A new page knows what the storage has, and nothing else. */
function forgetPage(): void {
  const place = globalThis as { [key: symbol]: Map<string, unknown> | undefined };
  place[Symbol.for("nbtrack.comparisons")]?.clear();
}

test("six runs have six colours, and keep them when others come", () => {
  const uids = Array.from({ length: 24 }, (_, i) => `20260101-120000-${i}`);
  const six = slotsOf(uids.slice(0, 6));
  const all = slotsOf(uids);

  expect(new Set([...six.values()].map((slot) => slot % 6)).size).toBe(6);
  expect(Math.max(...six.values())).toBeLessThan(6);
  for (const [uid, slot] of six) expect(all.get(uid)).toBe(slot);
  expect(new Set(all.values()).size).toBe(24);
  expect(slotsOf([...uids, "one-more"]).size).toBe(25);
});

test("keys that differ come first, those that part runs best before others", () => {
  const runs = [
    run("a", { lr: 0.1, seed: 1, batch: 32 }),
    run("b", { lr: 0.1, seed: 2, batch: 32 }),
    run("c", { lr: 0.2, seed: 3, batch: 32, extra: null }),
  ];

  expect(columnsOf(runs, "config")).toEqual([["lr", "extra", "seed"], ["batch"]]);
});

test("a message of changes keeps the other runs and forgets those that went", () => {
  const store = new CompareStore();
  store.load(comparison([run("a", {}), run("b", {})]));

  const told = store.load(
    comparison([run("c", {})], { full: false, sequence: 2, order: ["c", "a"], total: 5 }),
  );

  expect(told).toEqual(["c"]);
  expect(store.list().map((one) => one.uid)).toEqual(["c", "a"]);
  expect(store.total).toBe(5);
});

test("search, switches and brushes decide which runs are plotted", () => {
  const store = new CompareStore();
  store.load(comparison([1, 2, 3, 4].map((lr) => run(`run-${lr}`, { lr }))));
  const state = compareState("plotted");
  state.runSearch = "run-[1-3]";
  state.hidden.add("run-1");
  state.brushes.set("lr", { column: { tree: "config", key: "lr" }, low: 0, high: 2.5 });

  expect(found(store, state)).toHaveLength(3);
  expect(plotted(store, state).map((one) => one.uid)).toEqual(["run-2"]);
});

test("a search that is no regular expression is taken as text", () => {
  const store = new CompareStore();
  store.load(comparison([run("a(b", {}), run("ab", {})]));
  const state = compareState("text");
  state.runSearch = "a(";

  expect(found(store, state).map((one) => one.uid)).toEqual(["a(b"]);
});

test("values that are no numbers stand at places of their own", () => {
  const runs = [run("a", { net: "resnet" }), run("b", { net: "mlp" }), run("c", {})];
  const ranks = ranksOf(runs, { tree: "config", key: "net" });

  expect([ranks.get("a"), ranks.get("b"), ranks.get("c")]).toEqual([1, 0, undefined]);
});

test("the best run is the one whose summary keeps the best extremum", () => {
  const runs = [
    run("a", {}, { summary: { "loss.min": 0.2, loss: 9 } }),
    run("b", {}, { summary: { loss: 0.3 } }),
    run("c", {}, { summary: { loss: "NaN" } }),
  ];

  expect(bestOf(runs, "loss", "minimize")).toBe("a");
  expect(bestOf(runs, "loss", "maximize")).toBe("a");
  expect(bestOf(runs, "acc", "maximize")).toBeUndefined();
});

test("a goal is what a definition says, else what the name suggests", () => {
  const state = compareState("goal");
  const keys = [{ key: "acc", runs: 1, goal: "minimize" as const, hidden: false }];
  const head = comparison([], { keys });

  judgeBy(state, "acc", head);
  expect(state.goal).toBe("minimize");
  judgeBy(state, "val/f1", head);
  expect(state.goal).toBe("maximize");
  judgeBy(state, "val/loss", head);
  expect(state.goal).toBe("minimize");
});

test("how somebody looked is there again when the cell or the page begins anew", () => {
  const shelf = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    length: 0,
    getItem: (key: string) => shelf.get(key) ?? null,
    setItem: (key: string, text: string) => shelf.set(key, text),
  });
  const name = lookName("compare-0123456789abcdef-00000001", false);
  const column = { tree: "config" as const, key: "net.depth" };
  const state = Object.assign(compareState(name), { x: "time", groupBy: ["config.lr"] });
  state.hidden.add("a");
  state.brushes.set("config.net.depth", { column, low: -1, high: 2.5 });

  keepCompareState(name);
  forgetPage();

  expect(lookName("compare-0123456789abcdef-00000002", false)).toBe(name);
  expect(lookName("compare-0123456789abcdef-00000002", true)).not.toBe(name);
  expect(compareState(name)).toEqual(state);
  expect(compareState(name)).not.toBe(state);
  vi.unstubAllGlobals();
});

test("what lies in the browser's storage is not trusted", () => {
  const brushes = { "config.lr": ["0", "x"], other: ["0", "1"], "summary.loss": ["3", "1"] };
  const hostile = { x: 7, groupBy: { length: 1 }, band: "iqr", brushes, hidden: [1], tab: null };
  vi.stubGlobal("localStorage", { getItem: () => JSON.stringify({ state: hostile }) });

  expect(compareState("hostile")).toEqual(compareState("another"));
  vi.unstubAllGlobals();
});

test("a saved comparison is drawn as it was kept, and as it was looked at when somebody answers", () => {
  const chosen = { x: "time", zoom: { low: 1, high: 2 }, groupBy: ["tags"] };
  const state = Object.assign(compareState("kept"), chosen);
  const head = comparison([], { x: "step", group_by: ["lr"] });

  drawSaved(state, head);
  drawSaved(state, head); // its view is taken out of the page and put back
  expect(state).toMatchObject({ x: "step", zoom: null, groupBy: ["lr"] });

  drawChosen(state);
  expect(state).toMatchObject({ ...chosen, later: null });
});

test("an axis goes from the least to the greatest and there and back", () => {
  const runs = [1, 10, 1000].map((lr) => run(`${lr}`, { lr }));
  for (const log of [false, true]) {
    const scale = new Scale({ tree: "config", key: "lr" }, runs, log);
    expect([scale.share(1), scale.share(1000)]).toEqual([0, 1]);
    expect(scale.at(scale.share(10))).toBeCloseTo(10);
    expect(scale.ticks(6).length).toBeGreaterThan(1);
  }
});

test("an axis of one value, of none and of zero on a log axis still has two ends", () => {
  for (const values of [[5], [0], []]) {
    const runs = values.map((lr) => run(`${lr}`, { lr }));
    for (const log of [false, true]) {
      const scale = new Scale({ tree: "config", key: "lr" }, runs, log);
      expect(scale.high).toBeGreaterThan(scale.low);
      expect(scale.ticks(5).every(({ at }) => Number.isFinite(at))).toBe(true);
    }
  }
});

test("values are short in a table", () => {
  expect([0.1, 0.30000000000000004, 1e-9, -2, 123456789].map(shortText)).toEqual([
    "0.1",
    "0.3",
    "1.000e−9",
    "−2",
    "1.235e8",
  ]);
  expect([shortText(undefined), shortText([1]), shortText(true)]).toEqual(["", "[1]", "true"]);
});

test("what did not come along is said, and how to get at it", () => {
  const head = comparison([], { left_out: { keys: 1, config: 1200, summary: 0 } });

  expect(keysLeftOut(head)).toBe(
    '1 more metric is not listed. Name what you look for: nbtrack.compare(…, keys=["…"]).',
  );
  expect(valuesLeftOut(head)).toEqual(["1,200 more keys of the config"]);
  expect([keysLeftOut(comparison([])), ...valuesLeftOut(null)]).toEqual([""]);
});

test("whoever looks closer, along any axis, gets that part and a margin", () => {
  expect(windowOf({ low: 0.5, high: 0.9 }).low).toBeCloseTo(0.4);
  expect(windowOf({ low: 0.5, high: 0.9 }).high).toBeCloseTo(1);
  expect(windowOf(null)).toEqual({ low: null, high: null });
});

test("an axis holds the bands that can be seen, without their gaps", () => {
  const area = {
    ...{ x: Float64Array.of(0, 1, 2), color: 0 },
    ...{ lows: Float64Array.of(-5, Number.NaN, -50), highs: Float64Array.of(5, Number.NaN, 50) },
  };
  const nothing = { low: null, high: null };

  expect(areaRange([area], { low: 0, high: 1 }, nothing, false)).toEqual({ low: -5, high: 5 });
  expect(areaRange([area], { low: 0, high: 1 }, nothing, true)).toEqual({ low: null, high: null });
  expect(areaRange([], { low: 0, high: 1 }, { low: 1, high: 2 }, false)).toEqual({
    low: 1,
    high: 2,
  });
});

test("a chart that announces more numbers than came is refused", () => {
  const head = {
    ...{ key: "loss", runs: 1, bands: [], trouble: "" },
    lines: [{ uid: "a", group: 0, points: 3, count: 3 }],
  };

  expect(() => decodeCharts([head], new DataView(new ArrayBuffer(40)))).toThrow("announces");
});

/** Answers with a line of three points per run, and remembers what was asked. */
class Asked implements Source {
  readonly live = true;
  readonly draws: Extract<Ask, { op: "draw" }>[] = [];

  constructor(private readonly uids: readonly string[]) {}

  open(): () => void {
    return () => {};
  }

  async send(ask: Ask): Promise<Answer> {
    if (ask.op !== "draw")
      return { reply: { op: "reply", id: "" }, bytes: new DataView(new ArrayBuffer(0)) };
    this.draws.push(ask);
    const uids = this.uids.filter((uid) => ask.changed?.includes(uid) ?? true);
    const numbers = ask.keys.flatMap(() => uids.flatMap(() => [0, 1, 2, 5, 6, 7]));
    const charts = ask.keys.map((key) => ({
      ...{ key, runs: uids.length, bands: [], trouble: "" },
      lines: uids.map((uid) => ({ uid, group: 0, points: 3, count: 3 })),
    }));
    const bytes = new DataView(Float64Array.from(numbers).buffer);
    return { reply: { op: "reply", id: "", charts, groups: [""] }, bytes };
  }
}

const WISH = { runs: null, x: "step", low: null, high: null, group_by: [], band: "std" } as const;

test("charts are asked for together, and after news only for what changed", async () => {
  const source = new Asked(["a", "b"]);
  const feed = new CompareFeed("compare-1", source, { told: () => {}, turned: () => {} });
  let changes = 0;
  const drawings = new Drawings(feed, () => changes++);
  drawings.ask(WISH);
  expect([drawings.of("loss"), drawings.of("acc")]).toEqual([undefined, undefined]);
  await expect.poll(() => drawings.isFresh("acc")).toBe(true);
  expect(source.draws.map(({ keys }) => keys)).toEqual([["loss", "acc"]]);

  drawings.touch(["b"]);
  drawings.of("loss");
  await expect.poll(() => source.draws.length).toBe(2);

  expect(source.draws[1]).toMatchObject({ keys: ["loss"], changed: ["b"] });
  expect([...(drawings.of("loss")?.lines.keys() ?? [])]).toEqual(["a", "b"]);
  expect(changes).toBeGreaterThan(2);
  drawings.close();
});

test("charts that came with the runs are drawn at once, and then in full", async () => {
  const source = new Asked(["a", "b"]);
  const feed = new CompareFeed("compare-1", source, { told: () => {}, turned: () => {} });
  const drawings = new Drawings(feed, () => {});
  const lines = [{ uid: "a", group: 0, points: 2, count: 9 }];
  const charts = [{ key: "loss", runs: 2, lines, bands: [], trouble: "" }];
  const bytes = new DataView(Float32Array.of(0, 8, 1, 2).buffer);
  drawings.ask(WISH);

  drawings.load({ charts, groups: [""], precision: 4 }, bytes, WISH, false);

  expect([...(drawings.of("loss")?.lines.keys() ?? [])]).toEqual(["a"]);
  expect([drawings.isFresh("loss"), drawings.isWhole("loss")]).toEqual([true, false]);
  await expect.poll(() => drawings.isWhole("loss")).toBe(true);
  expect([...(drawings.of("loss")?.lines.keys() ?? [])]).toEqual(["a", "b"]);
  expect(source.draws).toHaveLength(1);
  drawings.close();
});

test("charts that cannot be drawn are not asked for in every frame", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const source = new Asked([]);
  const refused = vi.spyOn(source, "send").mockRejectedValue(new Error("it is too much"));
  const feed = new CompareFeed("compare-1", source, { told: () => {}, turned: () => {} });
  const drawings: Drawings = new Drawings(feed, () => void drawings?.of("loss"));
  drawings.ask(WISH);

  await vi.advanceTimersByTimeAsync(1_900);
  expect([refused.mock.calls.length, drawings.problem]).toEqual([1, "it is too much"]);

  await vi.advanceTimersByTimeAsync(400);
  expect(refused).toHaveBeenCalledTimes(2);
  drawings.close();
  vi.useRealTimers();
});

test("a view says what it knows, and is content when that is all", async () => {
  const known = comparison([run("a", {})], { sequence: 7 });
  const said: Ask[] = [];
  const source: Source = {
    live: true,
    open: (handlers) => {
      handlers.message(known, NO_BYTES);
      handlers.connected();
      return () => {};
    },
    send: async (ask) => {
      said.push(ask);
      return { reply: { op: "reply", id: "", current: true }, bytes: NO_BYTES };
    },
  };
  const told: boolean[] = [];
  const feed = new CompareFeed("compare-1", source, {
    told: (_, full) => told.push(full),
    turned: () => {},
  });

  const close = feed.open();
  await expect.poll(() => feed.connection).toBe("live");

  expect(said).toMatchObject([{ op: "hello", known: 7 }]);
  // The same again is of another view: it is known already.
  expect(told).toEqual([true]);
  close();
});

test.each(["comm_live_update", "comm:close"])(
  "a view whose kernel is gone (%s) says so, and takes it back when something comes",
  async (event) => {
    const heard = new Map<string, (...args: unknown[]) => void>();
    const model = {
      get: () => ({ head: comparison([run("a", {})]) }),
      on: (name: string, callback: (...args: never[]) => void) =>
        void heard.set(name, callback as (...args: unknown[]) => void),
      off: (name: string) => void heard.delete(name),
      send: () => {},
    };
    const feed = new CompareFeed("compare-1", new CommSource(model), {
      told: () => {},
      turned: () => {},
    });
    const close = feed.open();
    expect(feed.connection).toBe("live");

    heard.get(event)?.();
    expect(feed.connection).toBe("lost");

    heard.get("msg:custom")?.(comparison([run("a", {})], { sequence: 2 }));
    expect(feed.connection).toBe("live");
    close();
    expect([...heard.keys()]).toEqual([]);
  },
);

test("an answer to what is not wanted any more is dropped", async () => {
  const source = new Asked(["a"]);
  const feed = new CompareFeed("compare-1", source, { told: () => {}, turned: () => {} });
  const drawings = new Drawings(feed, () => {});
  drawings.ask(WISH);
  drawings.of("loss");
  await expect.poll(() => source.draws.length).toBe(1);
  drawings.ask({ ...WISH, x: "time" });

  expect(drawings.isFresh("loss")).toBe(false);
  drawings.of("loss");
  await expect.poll(() => drawings.isFresh("loss")).toBe(true);
  expect(source.draws.map(({ x }) => x)).toEqual(["step", "time"]);
  drawings.close();
});

test("what a notebook does not keep of a comparison a server answers, by one of the runs", async () => {
  const bundle = {
    comparison: comparison([run("a", {}), run("b", {})]),
    drawing: { op: "reply", id: "saved" },
    buffer: "",
  };
  const saved = SavedComparison.fromBundle(bundle);
  const feed = new CompareFeed("compare-1", saved, { told: () => {}, turned: () => {} });
  const asked = { op: "draw" as const, keys: ["loss"], changed: null, ...WISH };

  expect(feed.canAsk).toBe(false);
  await expect(feed.ask(asked)).rejects.toThrow("Run the cell again");

  const server = new Asked(["a", "b"]);
  saved.answerBy(server, "b");
  await feed.ask(asked);
  await feed.ask({ ...asked, x: "time", runs: ["a"] });

  expect(feed.canAsk).toBe(true);
  expect(server.draws.map(({ uid, runs, x }) => [uid, runs, x])).toEqual([
    ["b", ["a", "b"], "step"],
    ["b", ["a"], "time"],
  ]);
});

test("what was chosen is kept while something else is shown", () => {
  const shelf = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    length: 0,
    getItem: (key: string) => shelf.get(key) ?? null,
    setItem: (key: string, text: string) => shelf.set(key, text),
  });
  const state = Object.assign(compareState("later"), { x: "time", groupBy: ["tags"] });
  drawSaved(state, comparison([], { x: "step" }));

  keepCompareState("later");
  forgetPage();

  expect(state).toMatchObject({ x: "step", groupBy: [] });
  expect(compareState("later")).toMatchObject({ x: "time", groupBy: ["tags"] });
  vi.unstubAllGlobals();
});

test("what is there stays over its own axis until what is wanted comes", async () => {
  const source = new Asked(["a"]);
  const feed = new CompareFeed("compare-1", source, { told: () => {}, turned: () => {} });
  const drawings = new Drawings(feed, () => {});
  drawings.ask(WISH);
  drawings.of("loss");
  await expect.poll(() => drawings.isFresh("loss")).toBe(true);

  drawings.ask({ ...WISH, x: "time" });

  expect([drawings.of("loss")?.x, drawings.isWaiting("loss")]).toEqual(["step", true]);
  await expect.poll(() => drawings.of("loss")?.x).toBe("time");
  expect(drawings.isWaiting("loss")).toBe(false);
  drawings.close();
});

test("a saved comparison is refused when it holds something else", () => {
  const good = { comparison: comparison([run("a", {})]), drawing: { op: "reply", id: "saved" } };

  expect(SavedComparison.fromBundle({ ...good, buffer: "" }).comparison.runs).toHaveLength(1);
  expect(() => SavedComparison.fromBundle({ ...good, drawing: good.comparison })).toThrow(
    "no runs",
  );
  expect(() => asMessage({ ...good.comparison, order: [1] })).toThrow("not a message");
  expect(() => asMessage({ ...good.comparison, version: 99 })).toThrow("newer nbtrack");
});

test("runs that are gone are in no chart: bands of theirs are drawn anew", async () => {
  const source = new Asked(["a", "b"]);
  const feed = new CompareFeed("compare-1", source, { told: () => {}, turned: () => {} });
  const drawings = new Drawings(feed, () => {});
  drawings.ask(WISH);
  drawings.of("loss");
  await expect.poll(() => drawings.isFresh("loss")).toBe(true);

  drawings.leave();
  drawings.ask(WISH);

  expect([drawings.isFresh("loss"), drawings.isWaiting("loss")]).toEqual([false, true]);
  drawings.of("loss");
  await expect.poll(() => drawings.isWhole("loss")).toBe(true);
  expect(source.draws.map(({ changed }) => changed)).toEqual([null, null]);
  drawings.close();
});

test("a chart says how many runs it draws, also until the answer comes", () => {
  const fresh = { ...{ runs: 4, kept: 4, lines: 4 }, isAll: true, isFresh: true, isGrouped: false };

  expect(drawnWords(fresh)).toEqual(["4 runs"]);
  expect(drawnWords({ ...fresh, lines: 1, isAll: false, isFresh: false })).toEqual(["1 run"]);
  expect(drawnWords({ ...fresh, lines: 2, isAll: false, isFresh: false, isGrouped: true })).toEqual(
    ["4 runs", "bands are of all of them, lines of 2"],
  );
  expect(drawnWords({ ...fresh, runs: 900, kept: 24, lines: 24, isAll: false })).toEqual([
    "900 runs",
    "24 drawn",
  ]);
  expect(drawnWords({ ...fresh, runs: 900, kept: 50, lines: 50 })).toEqual([
    "900 runs",
    "the 50 newest are drawn",
  ]);
});

test.each([
  ["Timeout", 1],
  ["UsageError", 1],
  ["NotConnected", 2],
  ["StoreError", 2],
] as const)("a Stop that ended with %s was asked %i times", async (kind, times) => {
  let asked = 0;
  const refuse = async () => {
    asked += 1;
    throw new RequestError(kind, "no");
  };
  const withdraw = offerServerDoor({ send: refuse });
  const model = { get: () => null, on: () => {}, off: () => {}, send: () => void asked++ };
  const source = new CommSource(model);
  const close = source.open({ connected: () => {}, lost: () => {}, message: () => {} });

  const stopping = source.send({ op: "stop", uid: "a" }).catch((error) => error.kind);
  await expect.poll(() => asked).toBe(times);
  close();
  withdraw();

  expect(await stopping).toBe(times === 1 ? kind : "Closed");
});
