import { describe, expect, test } from "vitest";
import {
  type Append,
  asMessage,
  decodeBlocks,
  decodeSeries,
  FormatError,
  fromBase64,
  NO_BYTES,
  type Snapshot,
  splitFrame,
} from "../src/protocol";
import { golden, numbers } from "./golden";

describe.each(["snapshot", "snapshot-single", "hostile"])("the golden message %s", (name) => {
  test("is a snapshot and says the numbers beside it", () => {
    const { read, bytes } = golden(name);

    const head = asMessage(read.head) as Snapshot;
    const series = decodeSeries(head.series, bytes, head.precision);

    expect(series.map((one) => Array.from(one.steps))).toEqual(
      read.series?.map((said) => numbers(said.steps)),
    );
    expect(series.map((one) => Array.from(one.times))).toEqual(
      read.series?.map((said) => numbers(said.times)),
    );
    expect(series.map((one) => Array.from(one.values))).toEqual(
      read.series?.map((said) => numbers(said.values)),
    );
  });
});

test("the golden append keeps NaN and both infinities", () => {
  const { read, bytes } = golden("append");

  const head = asMessage(read.head) as Append;
  const blocks = decodeBlocks(head.blocks, bytes);

  expect(blocks.map((block) => block.columns.map((column) => Array.from(column)))).toEqual(
    read.blocks?.map((said) => said.columns.map(numbers)),
  );
  expect(Array.from(blocks[0]?.columns[0] ?? [])).toEqual([Infinity, Number.NaN, 0.125]);
});

describe("what is no message is refused", () => {
  const { read } = golden("snapshot");
  const head = read.head as Snapshot;

  test.each([
    ["nothing", null],
    ["a text", "snapshot"],
    ["a list", []],
    ["an unknown op", { op: "eval" }],
    ["an op of the prototype", { op: "constructor" }],
    ["a snapshot without a run", { ...head, run: undefined }],
    ["a series with a negative length", { ...head, series: [{ ...head.series[0], points: -1 }] }],
    ["a series of 1.5 points", { ...head, series: [{ ...head.series[0], points: 1.5 }] }],
    ["a line without text", { ...head, lines: [{ number: 1, time: 0, stream: "stdout" }] }],
    ["another precision", { ...head, precision: 2 }],
  ])("%s", (_, value) => {
    expect(() => asMessage(value)).toThrow(FormatError);
  });

  test("a message of a newer protocol says so", () => {
    expect(() => asMessage({ ...head, version: 99 })).toThrow(/written by a newer nbtrack/);
  });

  test("a head that announces more numbers than came", () => {
    const announced = [{ key: "a", stream: "metric", points: 1e9, count: 1 }] as const;

    expect(() => decodeSeries(announced, NO_BYTES)).toThrow(/announces 1000000000 numbers/);
  });
});

test("a frame of the server is a length, a head and a buffer", () => {
  const head = '{"op":"reply","id":"x"} ';
  const frame = new ArrayBuffer(4 + head.length + 8);
  new DataView(frame).setUint32(0, head.length, true);
  new Uint8Array(frame, 4).set(new TextEncoder().encode(head));
  new DataView(frame).setFloat64(4 + head.length, 2.5, true);

  const split = splitFrame(frame);

  expect(split.head).toEqual({ op: "reply", id: "x" });
  expect(split.bytes.getFloat64(0, true)).toBe(2.5);
  expect(() => splitFrame(frame.slice(0, 10))).toThrow(/ends inside its head/);
  expect(() => splitFrame(new ArrayBuffer(2))).toThrow(/ends inside its length/);
});

test("a saved buffer comes back byte for byte", () => {
  const bytes = fromBase64(btoa("\x00\x01\xff"));

  expect([bytes.getUint8(0), bytes.getUint8(1), bytes.getUint8(2)]).toEqual([0, 1, 255]);
});
