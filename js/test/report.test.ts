import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { Kept } from "../src/data/kept";
import { laid } from "../src/data/laid";
import { Series } from "../src/data/series";
import { Windows } from "../src/data/windows";
import { noteText } from "../src/panels/words";
import { type DecodedSeries, decodeSeries, type SeriesHead, type Snapshot } from "../src/protocol";
import { type ColumnHead, unpackColumns } from "../src/report/columns";
import { readParcel } from "../src/report/parcel";

/** Byte planes of words, the most significant first. */
function planes(words: readonly bigint[], count: number): number[] {
  const bytes: number[] = [];
  for (let plane = count - 1; plane >= 0; plane--) {
    for (const word of words) bytes.push(Number((word >> BigInt(8 * plane)) & 0xffn));
  }
  return bytes;
}

test("columns come back as the numbers that they were", () => {
  const heads: ColumnHead[] = [
    { kind: "even", points: 3, first: 10, by: 5 },
    { kind: "whole", points: 4, planes: 2, divisor: 1 },
    { kind: "whole", points: 2, planes: 7, divisor: 1_000_000 },
    { kind: "float", points: 2 },
  ];
  const bits = new BigUint64Array(Float64Array.of(0.1, Number.NaN).buffer);
  const body = Uint8Array.from([
    ...planes([0n, 2n, 1n, 601n], 2), // 0, +1, -1, -301
    ...planes([2n * 1_500_000_000_250_000n, 1n], 7),
    ...planes([...bits], 8),
  ]);

  const bytes = unpackColumns(heads, [1, 0, 2, 3, 0], body);

  const numbers = [...new Float64Array(bytes.buffer)];
  const even = [10, 15, 20];
  const times = [1_500_000_000.25, 1_500_000_000.249999];
  expect(numbers).toEqual([0, 1, 0, -301, ...even, ...times, 0.1, Number.NaN, ...even]);
});

test("columns that announce more than there is are refused", () => {
  const read = () => unpackColumns([{ kind: "float", points: 2 }], [0], new Uint8Array(15));
  expect(read).toThrow(/end too early/);
});

test("a parcel is unpacked", async () => {
  const head = JSON.stringify({ mime_type: "a/b", bundle: { n: "ü" }, view: { height: 300 } });
  const told = new TextEncoder().encode(head);
  const whole = Buffer.concat([Buffer.alloc(4), told, Buffer.from([1, 2])]);
  whole.writeUInt32LE(told.length);

  const parcel = await readParcel(`\n${deflateSync(whole).toString("base64")}\n`);

  expect([parcel.mimeType, parcel.bundle, parcel.view.height]).toEqual(["a/b", { n: "ü" }, 300]);
  expect([parcel.bytes.getUint8(0), parcel.bytes.byteLength]).toEqual([1, 2]);
});

test("a parcel of Python's has every bit of its numbers", async () => {
  const path = new URL("../../tests/golden/parcels/mixed.json", import.meta.url);
  const { text, name, buffer } = JSON.parse(readFileSync(path, "utf8"));

  const { bundle, bytes } = await readParcel(text);

  expect(Buffer.from(bytes.buffer).toString("hex")).toBe(buffer);
  expect(bundle).toEqual({ name });
});

test("what is no parcel is refused", async () => {
  await expect(readParcel("AAAA")).rejects.toThrow();
});

/** A run of `n` points with a spike one step wide; of each bucket of ten its extremes stayed. */
function kept(n: number, spike: number): Kept {
  const steps: number[] = [];
  const values: number[] = [];
  for (let step = 0; step < n; step += 5) {
    steps.push(step <= spike && spike < step + 5 ? spike : step);
    values.push(step <= spike && spike < step + 5 ? 1e6 : Math.sin(step));
  }
  const head: SeriesHead = { key: "loss", stream: "metric", points: steps.length, count: n };
  const level = { ...head, key: "level" };
  const times = steps.map((step) => step / 2);
  const columns = [steps, times, values, steps, times, steps.map((step) => 2 * step)];
  const bytes = new DataView(Float64Array.from(columns.flat()).buffer);
  const snapshot = { run: { uid: "r" }, series: [head, level], precision: 8 };
  return new Kept(snapshot as unknown as Snapshot, bytes);
}

test.each([
  [null, null],
  [1_000, 90_000],
  [43_000, 44_000],
  [43_200, 43_230],
])("a spike one step wide is in the window from %s to %s", (low, high) => {
  const ask = { op: "window", uid: "r", keys: ["loss"], low, high, points: 200 } as const;

  const { reply, bytes } = kept(1_000_000, 43_210).window(ask);

  const [series] = decodeSeries(reply.series ?? [], bytes);
  expect(series?.values.length).toBeLessThanOrEqual(202);
  expect(series?.steps[series.values.indexOf(1e6)]).toBe(43_210);
});

test("a window along time or a metric has the places of its points", () => {
  const ask = { op: "window", uid: "r", keys: ["loss"], low: 10, high: 20, points: 200 } as const;
  const one = kept(1_000, 500);

  const byTime = one.window({ ...ask, axis: "time" });
  const byLevel = one.window({ ...ask, axis: "metric", metric: "level" });

  expect([...(decodeSeries(byTime.reply.series ?? [], byTime.bytes)[0]?.steps ?? [])]).toEqual([
    20, 25, 30, 35, 40,
  ]);
  const [laid] = decodeSeries(byLevel.reply.series ?? [], byLevel.bytes, 8, true);
  expect([...(laid?.xs ?? [])]).toEqual([10, 20]);
});

test.each([
  [10, true],
  [1, false],
])("a window along a metric of which each %sth point stayed says so: %s", (every, estimated) => {
  const steps = Array.from({ length: 300 }, (_, i) => i);
  const below = steps.filter((step) => step % every === 0);
  const heads: SeriesHead[] = [
    { key: "loss", stream: "metric", points: 300, count: 300 },
    { key: "level", stream: "metric", points: below.length, count: 300 },
  ];
  const columns = [steps, steps, steps, below, below, below];
  const bytes = new DataView(Float64Array.from(columns.flat()).buffer);
  const snapshot = { run: { uid: "r" }, series: heads, precision: 8 } as unknown as Snapshot;
  const ask = { op: "window", uid: "r", keys: ["loss"], low: 50, high: 90, points: 200 } as const;

  const answer = new Kept(snapshot, bytes).window({ ...ask, axis: "metric", metric: "level" });

  const [from] = decodeSeries(answer.reply.series ?? [], answer.bytes, 8, true);
  const windows = new Windows();
  const span = { axis: "metric", metric: "level", low: 50, high: 90 } as const;
  windows.load(span, from as DecodedSeries, 1);
  const window = windows.covering("loss", span) as Series;
  expect([window.length, window.estimated]).toEqual([41, estimated]);
  // What is drawn of it says so, too, and the note below the chart.
  const level = Series.of("level", { ...window, xs: null });
  const drawn = laid(window, level, window);
  const note = noteText({ series: [drawn], below: 0, clipped: null, format: String });
  expect(note.text.includes("places along the axis estimated")).toBe(estimated);
});

test("a window that begins behind the last point is empty, and unknown keys have none", () => {
  const ask = { op: "window", uid: "r", keys: ["loss", "?"], low: 5_000, high: 6_000 } as const;

  const { reply } = kept(1_000, 500).window({ ...ask, points: 200 });

  expect(reply.series).toEqual([{ key: "loss", stream: "metric", points: 0, count: 0 }]);
});
