import { describe, expect, test } from "vitest";
import {
  type Answer,
  type Ask,
  Console,
  EmbeddedSource,
  FoundLines,
  LogBook,
  levelOf,
  lineTest,
  offerServerDoor,
  RequestError,
  type RunFeed,
  spansOf,
} from "../src/data";
import { steppedTo } from "../src/panels/log-cursor";
import {
  asMessage,
  decodeNumbers,
  type Line,
  NO_BYTES,
  type Snapshot,
  toBytes,
} from "../src/protocol";
import { golden } from "./golden";

const line = (number: number, text = `line ${number}`, rest: Partial<Line> = {}): Line => ({
  ...{ number, time: number, stream: "stdout", text },
  ...rest,
});

/** A feed whose store answers from `lines`, and knows the last `kept` of them. */
function feedOf(lines: readonly Line[], kept: number, refuse = "") {
  const asked: Ask[] = [];
  const console = new Console();
  console.load(lines.slice(-kept), lines.length);
  const ask = async (ask: Ask): Promise<Answer> => {
    asked.push(ask);
    if (refuse) throw new RequestError("StoreError", refuse);
    if (ask.op === "lines") {
      const found = ask.spans.flatMap(([first = 0, count = 0]) =>
        lines.slice(first, first + count),
      );
      return { reply: { op: "reply", id: "", lines: found }, bytes: NO_BYTES };
    }
    if (ask.op !== "find") throw new Error(ask.op);
    const found = lines.filter(lineTest(ask)).map((one) => one.number);
    return { reply: { op: "reply", id: "", total: found.length }, bytes: toBytes(found) };
  };
  return { feed: { uid: "u", canAsk: true, store: { console }, ask } as unknown as RunFeed, asked };
}

const until = async (done: () => boolean) => {
  while (!done()) await Promise.resolve();
};

describe("the console of a long run", () => {
  const all = Array.from({ length: 5_000 }, (_, i) => line(i, i % 10 ? `step ${i}` : `ERROR ${i}`));

  test("knows how many lines there are, and fetches those that are looked at", async () => {
    const { feed, asked } = feedOf(all, 100);
    const book = new LogBook(feed, () => {});

    book.want([7, 8, 9, 300, 4_950]);
    await until(() => book.at(300) !== undefined);

    expect(book.count).toBe(5_000);
    expect(book.at(8)?.text).toBe("step 8");
    expect(asked).toEqual([
      {
        op: "lines",
        uid: "u",
        spans: [
          [7, 3],
          [300, 1],
        ],
      },
    ]);
  });

  test("says why lines are missing, and asks again when it is told to", async () => {
    const { feed, asked } = feedOf(all, 100, "the folder is gone");
    const book = new LogBook(feed, () => {});

    book.want([7]);
    await until(() => book.trouble !== "");
    book.want([7, 8]);
    const before = asked.length;
    book.retry();

    expect(book.trouble).toBe("");
    expect([before, asked.length]).toEqual([1, 2]);
  });

  test("finds lines in the store and among those that come, each once", async () => {
    const { feed } = feedOf(all, 100);
    const found = new FoundLines(feed, { search: "", streams: [], level: "error" }, () => {});

    await found.look();
    feed.store.console.append([line(5_000, "ERROR: late"), line(5_001, "fine")]);
    found.extend();
    found.extend();

    expect(found.total).toBe(501);
    expect(found.numbers.slice(-2)).toEqual([4_990, 5_000]);
    expect([found.has(10), found.has(11), found.positionOf(11)]).toEqual([true, false, 2]);
  });
});

test("what came so fast that only its end is here is found in the store", async () => {
  const all = Array.from({ length: 4_000 }, (_, i) => line(i, i % 1_000 ? "step" : "ERROR"));
  const { feed, asked } = feedOf(all, 100);
  feed.store.console.load(all.slice(0, 10), 10);
  const found = new FoundLines(feed, { search: "", streams: [], level: "error" }, () => {});

  await found.look();
  feed.store.console.load(all.slice(-500), 4_000);
  found.extend();
  await until(() => !found.pending);

  expect(found.numbers).toEqual([0, 1_000, 2_000, 3_000]);
  expect(asked).toHaveLength(2);
});

test("levels are those of loggers or, where none says one, of the text", () => {
  expect(levelOf(line(0, "\x1b[31mValueError\x1b[0m: no"))).toBe("error");
  expect(levelOf(line(0, "UserWarning: slow"))).toBe("warning");
  expect(levelOf(line(0, "no errors here"))).toBe("");
  expect(levelOf(line(0, "KeyError      Traceback (most recent call last)"))).toBe("error");
  expect(levelOf(line(0, "ERROR in the text", { level: "info" }))).toBe("");
  expect(levelOf(line(0, "calm", { level: "critical" }))).toBe("error");
});

test("neighbours are asked for as one span", () => {
  expect(spansOf([1, 2, 3, 7, 9, 10])).toEqual([
    [1, 3],
    [7, 1],
    [9, 2],
  ]);
});

test("a saved panel answers from the lines that it has, and says what it cannot", async () => {
  const { read, bytes } = golden("snapshot");
  const source = new EmbeddedSource(asMessage(read.head) as Snapshot, bytes);

  const lines = await source.send({ op: "lines", uid: "u", spans: [[0, 100]] });
  const found = await source.send({
    ...{ op: "find", uid: "u", search: "CARE", streams: ["stderr"], level: "all", first: 0 },
  });

  expect(lines.reply.lines?.map((one) => one.number)).toEqual([41, 42]);
  expect(Array.from(decodeNumbers(found.bytes))).toEqual([42]);
  await expect(source.send({ op: "files", uid: "u" })).rejects.toThrow("saved panel");
});

test("a saved panel has its files and cells from a server that knows the run", async () => {
  const { read, bytes } = golden("snapshot");
  const source = new EmbeddedSource(asMessage(read.head) as Snapshot, bytes);
  const answered: Answer = { reply: { op: "reply", id: "", files: [] }, bytes: NO_BYTES };
  let refuse = "";
  const withdraw = offerServerDoor({
    send: async () => {
      if (refuse) throw new RequestError(refuse, "said by the server");
      return answered;
    },
  });

  expect(await source.send({ op: "files", uid: "u" })).toBe(answered);
  refuse = "RunNotFoundError";
  await expect(source.send({ op: "files", uid: "u" })).rejects.toThrow("saved panel");
  refuse = "UsageError";
  await expect(source.send({ op: "files", uid: "u" })).rejects.toThrow("said by the server");
  await expect(source.send({ op: "stop", uid: "u" })).rejects.toThrow("saved panel");
  withdraw();
});

describe("the keyboard in the console", () => {
  const stand = { at: 40, first: 30, rows: 20, length: 100 };

  test.each([
    ["ArrowUp", 39],
    ["ArrowDown", 41],
    ["PageUp", 21],
    ["PageDown", 59],
    ["Home", 0],
    ["End", 99],
    ["a", null],
  ])("%s leads to row %s", (key, row) => {
    expect(steppedTo(key, stand)).toBe(row);
  });

  test("begins at the newest row in sight and ends at the ends", () => {
    expect(steppedTo("ArrowUp", { ...stand, at: null })).toBe(49);
    expect(steppedTo("ArrowDown", { ...stand, at: null, length: 35 })).toBe(34);
    expect(steppedTo("ArrowDown", { ...stand, at: 99 })).toBe(99);
    expect(steppedTo("ArrowUp", { ...stand, at: 0 })).toBe(0);
    expect(steppedTo("ArrowUp", { ...stand, length: 0 })).toBeNull();
  });
});
