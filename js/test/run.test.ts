import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type Ask,
  type Change,
  Console,
  EmbeddedSource,
  type Handlers,
  MOST_LINES,
  RequestError,
  RunFeed,
  RunStore,
  type Source,
} from "../src/data";
import { Pending } from "../src/data/source";
import { type Append, asMessage, type Line, NO_BYTES, type Snapshot } from "../src/protocol";
import { golden } from "./golden";

const given = () => {
  const snapshot = golden("snapshot");
  const append = golden("append");
  return {
    head: asMessage(snapshot.read.head) as Snapshot,
    bytes: snapshot.bytes,
    next: asMessage(append.read.head) as Append,
    nextBytes: append.bytes,
  };
};

const line = (number: number, text = `line ${number}`): Line => ({
  number,
  time: number,
  stream: "stdout",
  text,
});

describe("the store of a run", () => {
  test("takes a snapshot and what comes after it", () => {
    const { head, bytes, next, nextBytes } = given();
    const store = new RunStore();

    store.load(head, bytes);
    const change = store.append(next, nextBytes);

    expect(change).toEqual({ keys: true, run: false, values: true, lines: true });
    expect([...store.metrics.keys()]).toEqual(["train/loss", "train/accuracy"]);
    expect(store.metrics.get("train/loss")?.count).toBe(4003);
    expect(store.metrics.get("train/loss")?.reduced).toBe(true);
    expect(store.system.get("cpu")?.values[2]).toBe(50);
    expect(store.console.lines.map((one) => one.number)).toEqual([41, 42, 43]);
  });

  test("refuses an append with a gap before it and stays as it was", () => {
    const { head, bytes, next, nextBytes } = given();
    const store = new RunStore();
    store.load(head, bytes);

    expect(store.append({ ...next, sequence: 9 }, nextBytes)).toBeNull();
    expect(store.sequence).toBe(7);
    expect(store.metrics.has("train/accuracy")).toBe(false);
  });

  test("forgets what a new snapshot no longer holds", () => {
    const { head, bytes } = given();
    const store = new RunStore();
    store.load(head, bytes);

    store.load({ ...head, series: [], lines: [] }, NO_BYTES);

    expect(store.metrics.size + store.system.size).toBe(0);
  });

  test("draws an exact window where there is one, and lets it grow", () => {
    const { head, bytes, next, nextBytes } = given();
    const store = new RunStore();
    store.load(head, bytes);
    const two = Float64Array.from([1, 2]);
    const series = { key: "train/loss", stream: "metric", points: 2, count: 2 } as const;
    const span = { axis: "step", metric: "", low: 1, high: 5 } as const;
    const answer = { head: series, steps: two, times: two, values: two, xs: null };
    store.windows.load(span, answer, 2);
    store.windows.load({ ...span, high: 99 }, answer, 1);

    store.append(next, nextBytes);

    expect(store.windows.covering("train/loss", span)?.length).toBe(4);
    expect(store.windows.covering("train/loss", { ...span, low: 2, high: 3 })?.length).toBe(4);
    expect(store.windows.covering("train/loss", { ...span, high: 9 })).toBeUndefined();
    expect(store.windows.covering("train/loss", { ...span, axis: "time" })).toBeUndefined();
    store.windows.clear();
    expect(store.windows.covering("train/loss", span)).toBeUndefined();
  });
});

describe("the console", () => {
  test("keeps earlier lines that a snapshot joins, and drops those it does not", () => {
    const console = new Console();
    console.append([line(0), line(1), line(2)]);

    console.load([line(2), line(3)]);
    expect(console.lines.map((one) => one.number)).toEqual([0, 1, 2, 3]);

    console.load([line(90)]);
    expect(console.lines.map((one) => one.number)).toEqual([90]);
  });

  test("a line that comes again replaces itself", () => {
    const console = new Console();
    console.append([line(0), line(1, "10 %")]);

    console.append([line(1, "20 %"), line(2)]);

    expect(console.lines.map((one) => one.text)).toEqual(["line 0", "20 %", "line 2"]);
  });

  test("forgets the oldest lines, not the newest", () => {
    const console = new Console();
    for (let i = 0; i < 2 * MOST_LINES; i += 100) {
      console.append(Array.from({ length: 100 }, (_, k) => line(i + k)));
    }

    expect(console.lines.length).toBeLessThanOrEqual(1.1 * MOST_LINES);
    expect(console.lines.at(-1)?.number).toBe(2 * MOST_LINES - 1);
  });
});

class FakeSource implements Source {
  readonly asked: Ask[] = [];
  handlers: Handlers | null = null;
  answer: "yes" | "no" | "never" = "yes";

  constructor(readonly live = true) {}

  open(handlers: Handlers): () => void {
    this.handlers = handlers;
    if (this.live) handlers.connected();
    return () => {
      this.handlers = null;
    };
  }

  send(ask: Ask) {
    this.asked.push(ask);
    if (this.answer === "never") return new Promise<never>(() => {});
    if (this.answer === "no") return Promise.reject(new RequestError("No", "Reload the page."));
    return Promise.resolve({ reply: { op: "reply", id: "" } as const, bytes: NO_BYTES });
  }

  ops(): string[] {
    return this.asked.map((ask) => ask.op);
  }
}

describe("the feed of a run", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const open = (source: Source) => {
    const { head } = given();
    const changes: Change[] = [];
    const feed = new RunFeed(head.run.uid, source, (change) => changes.push(change));
    return { feed, changes, close: feed.open(), ...given() };
  };

  test("says hello, renews its lease while watched, and says bye", () => {
    const source = new FakeSource();
    const { feed, close } = open(source);
    feed.watch(true);

    vi.advanceTimersByTime(20_500);
    feed.watch(false);
    vi.advanceTimersByTime(60_000);
    close();

    expect(source.ops().filter((op) => op !== "hello")).toEqual(["lease", "lease", "bye"]);
    expect(source.handlers).toBeNull();
  });

  test("asks for a snapshot again when a message was missed", () => {
    const source = new FakeSource();
    const { feed, head, bytes, next, nextBytes } = open(source);
    source.handlers?.message(head, bytes);
    vi.advanceTimersByTime(3000);
    const before = source.ops().filter((op) => op === "hello").length;

    source.handlers?.message({ ...next, sequence: 12 }, nextBytes);
    source.handlers?.message({ ...next, sequence: 13 }, nextBytes);

    expect(source.ops().filter((op) => op === "hello").length).toBe(before + 1);
    expect(feed.store.sequence).toBe(7);
  });

  test("does not mistake another run's messages for its own", () => {
    const source = new FakeSource();
    const { feed, head, bytes } = open(source);

    source.handlers?.message({ ...head, run: { ...head.run, uid: "another" } }, bytes);

    expect(feed.store.run).toBeNull();
  });

  test("survives a message whose buffer is too short", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const source = new FakeSource();
    const { feed, head, bytes } = open(source);

    source.handlers?.message(head, NO_BYTES);
    source.handlers?.message(head, bytes);

    expect(feed.store.sequence).toBe(7);
    expect(warn).toHaveBeenCalledOnce();
  });

  test("says hello at once when it is seen again after its lease ended", () => {
    const source = new FakeSource();
    const { feed } = open(source);
    feed.watch(true);
    feed.watch(false);
    vi.advanceTimersByTime(40_000);
    const before = source.ops().length;

    feed.watch(true);

    expect(source.ops().slice(before)).toEqual(["hello"]);
  });

  test("says why it is refused, until it is not", async () => {
    const source = new FakeSource();
    const { feed, changes } = open(source);
    await vi.advanceTimersByTimeAsync(1);
    feed.watch(true);
    source.answer = "no";

    await vi.advanceTimersByTimeAsync(11_000);
    const [connection, refusal] = [feed.connection, feed.refusal];
    source.answer = "yes";
    await vi.advanceTimersByTimeAsync(11_000);

    expect([connection, refusal]).toEqual(["lost", "Reload the page."]);
    expect([feed.connection, feed.refusal]).toEqual(["live", ""]);
    expect(changes.length).toBeGreaterThan(1);
  });

  test("is lost when nobody has answered for long, and live with the next word", async () => {
    const source = new FakeSource();
    const { feed, head, bytes } = open(source);
    source.answer = "never";
    await vi.advanceTimersByTimeAsync(1);
    feed.watch(true);

    await vi.advanceTimersByTimeAsync(60_000);
    expect(feed.connection).toBe("lost");

    source.handlers?.message(head, bytes);
    expect(feed.connection).toBe("live");
  });

  test("goes from a saved snapshot to a live source without losing what it shows", () => {
    const { head, bytes } = given();
    const { feed } = open(new EmbeddedSource(head, bytes));
    expect(feed.connection).toBe("saved");
    expect(feed.store.sequence).toBe(7);
    const live = new FakeSource();

    feed.use(live);

    expect(feed.store.metrics.size).toBe(1);
    expect(live.ops()).toEqual(["hello"]);
    live.handlers?.message({ ...head, sequence: 40 }, bytes);
    expect([feed.connection, feed.store.sequence]).toEqual(["live", 40]);
  });

  test("a window that nobody answers says why", async () => {
    const source = new FakeSource();
    const { feed } = open(source);
    source.answer = "no";

    const span = { axis: "step", metric: "", low: 0, high: 10 } as const;
    await expect(feed.window(["train/loss"], span, 100)).rejects.toThrow(RequestError);
    expect(source.asked.at(-1)).toMatchObject({ op: "window", low: 0, high: 10, points: 100 });
  });
});

describe("questions that wait", () => {
  test("are met by the answer with their id, and only once", async () => {
    const pending = new Pending();
    let id = "";
    const answer = pending.ask({ op: "stop", uid: "u" }, 5, (intent) => {
      id = intent.id;
    });

    expect(pending.settle({ op: "reply", id: "another" }, NO_BYTES)).toBe(false);
    expect(pending.settle({ op: "reply", id }, NO_BYTES)).toBe(true);
    expect(pending.settle({ op: "reply", id }, NO_BYTES)).toBe(false);
    await expect(answer).resolves.toMatchObject({ reply: { id } });
  });

  test("a failure says why in its own words", async () => {
    const pending = new Pending();
    const answer = pending.ask({ op: "stop", uid: "u" }, 5, ({ id }) => {
      setTimeout(() =>
        pending.settle({ op: "error", id, kind: "NotFound", message: "no run" }, NO_BYTES),
      );
    });

    await expect(answer).rejects.toMatchObject({ kind: "NotFound", message: "no run" });
  });

  test("what cannot be sent is refused at once", async () => {
    const answer = new Pending().ask({ op: "stop", uid: "u" }, 5, () => {
      throw new Error("the comm is closed");
    });

    await expect(answer).rejects.toThrow(/the comm is closed/);
  });
});

test("a saved panel that is broken says what is wrong with it", () => {
  expect(() => EmbeddedSource.fromBundle(null)).toThrow(/not a message of nbtrack/);
  expect(() => EmbeddedSource.fromBundle({ snapshot: { op: "reply", id: "1" } })).toThrow(
    /holds no snapshot/,
  );
});
