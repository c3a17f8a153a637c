import { describe, expect, test } from "vitest";
import {
  formatAge,
  formatCount,
  formatDuration,
  formatExact,
  formatMebibytes,
  formatMebibyteTick,
  formatPower,
  formatTicks,
  formatTimeTick,
  formatValue,
} from "../src/chart/format";
import { cssColor, parseAnsi, plainText } from "../src/data";
import { placeOf } from "../src/panels/charts-tab";
import { matcher } from "../src/panels/dom";
import { placeOf as placeOfReading } from "../src/panels/readings";
import { flat } from "../src/panels/values-table";

const MINUS = "\u2212";

test.each([
  [0, "0"],
  [0.123456, "0.12346"],
  [12.3456, "12.346"],
  [9372.6123, "9,372.6"],
  [-0.5, `${MINUS}0.50000`],
  [0.000259, `2.590e${MINUS}4`],
  [1234567, "1,234,567"],
  [123456789.5, "1.235e8"],
  [Number.NaN, "NaN"],
  [Infinity, "∞"],
  [-Infinity, `${MINUS}∞`],
])("the value %d is written %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test.each([
  [0.1, "0.1"],
  [1 / 3, "0.333333"],
  [1795200000.25, "1795200000.25"],
  [64, "64"],
  [1e-9, `1e${MINUS}9`],
])("the result %d is written %s", (value, text) => {
  expect(formatExact(value)).toBe(text);
});

test.each([
  [[0, 0.5, 1], 0.5, ["0", "0.5", "1.0"]],
  [[0, 500, 1000], 500, ["0", "500", "1000"]],
  [[0, 20_000, 40_000], 20_000, ["0", "20k", "40k"]],
  [[1e6, 1.5e6], 5e5, ["1.0M", "1.5M"]],
  [[0, 1e-4, 2e-4], 1e-4, ["0", `1e${MINUS}4`, `2e${MINUS}4`]],
  [[2.8e-4, 2.9e-4], 1e-5, [`2.8e${MINUS}4`, `2.9e${MINUS}4`]],
])("ticks %j have no more digits than tell them apart", (values, increment, texts) => {
  expect(formatTicks(values, increment)).toEqual(texts);
});

test.each([
  [7, "0:07"],
  [724, "12:04"],
  [3723, "1:02:03"],
  [180_123, "2d 02:02:03"],
  [-3, "0:00"],
  [Number.NaN, "–"],
])("%d seconds last %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test("times, memory, powers, counts and ages have their units", () => {
  expect([0, 30].map((s) => formatTimeTick(s, 30))).toEqual(["0", "30s"]);
  expect(formatTimeTick(120, 60)).toBe("2m");
  expect(formatTimeTick(90, 30)).toBe("1:30");
  expect(formatTimeTick(7200, 3600)).toBe("2h");
  expect(formatTimeTick(0.25, 0.05)).toBe("0.25s");
  expect(formatMebibytes(512)).toBe("512 MiB");
  expect(formatMebibytes(1536)).toBe("1.50 GiB");
  expect([512, 1024, 1536].map(formatMebibyteTick)).toEqual(["512M", "1G", "1.5G"]);
  expect([1 / 512, 1 / 8, 1.5].map(formatMebibyteTick)).toEqual(["2K", "0.125M", "1.5M"]);
  expect([0.001, 1, 1e6].map(formatPower)).toEqual(["0.001", "1", "1e6"]);
  expect(formatCount(1234567)).toBe("1,234,567");
  expect([3, 300, 7200, 90_000, 300_000].map(formatAge)).toEqual([
    "just now",
    "5 min ago",
    "2 h ago",
    "yesterday",
    "3 days ago",
  ]);
});

describe("ANSI text", () => {
  test("becomes spans with its colours", () => {
    expect(parseAnsi("a\x1b[1;31mb\x1b[0mc")).toEqual([
      { text: "a", style: {} },
      { text: "b", style: { bold: true, color: 1 } },
      { text: "c", style: {} },
    ]);
  });

  test("knows 256 and true colours, and clamps them", () => {
    expect(parseAnsi("\x1b[38;5;208mx")[0]?.style).toEqual({ color: 208 });
    expect(parseAnsi("\x1b[48;2;1;2;999mx")[0]?.style).toEqual({ background: "rgb(1 2 255)" });
    expect(cssColor(208)).toBe("rgb(255 135 0)");
    expect(cssColor(250)).toBe("rgb(188 188 188)");
    expect(cssColor(9)).toBe("var(--nbt-ansi-9)");
  });

  test.each([
    ["a hyperlink", "\x1b]8;;https://example.org\x07link\x1b]8;;\x07", "link"],
    ["a title", "\x1b]0;title\x1b\\text", "text"],
    ["moves of the cursor", "a\x1b[2K\x1b[1Gb", "ab"],
    ["an unfinished sequence", "a\x1b[", "a"],
    ["control characters", "a\x07\x00b\x7f", "ab"],
    ["a carriage return", " 10 %\r 20 %", " 20 %"],
    ["a carriage return at the end", "done\r", "done"],
    ["markup", "<b>&amp;</b>", "<b>&amp;</b>"],
  ])("without %s", (_, line, text) => {
    expect(plainText(line)).toBe(text);
  });

  test("a bad colour never reaches a style", () => {
    for (const span of parseAnsi("\x1b[38;2;NaN;;mx\x1b[38mx\x1b[48;9;9mx")) {
      expect(String(span.style.color ?? "")).toMatch(/^(|\d+|rgb\([\d ]+\))$/);
    }
  });
});

test("a search is a regular expression, or text where it is none", () => {
  expect(matcher("")).toBeNull();
  expect(matcher("^train/")?.test("train/loss")).toBe(true);
  expect(matcher("loss[")?.test("val/loss[0]")).toBe(true);
  expect(matcher("LOSS")?.test("loss")).toBe(true);
});

test.each([
  ["train/loss", "train", "loss"],
  ["a/b/c", "a", "b/c"],
  ["loss", "Charts", "loss"],
  ["/x", "Charts", "/x"],
  ["x/", "Charts", "x/"],
  ["", "Charts", "(no name)"],
])("the chart of %j stands in section %s", (key, section, title) => {
  expect(placeOf(key)).toMatchObject({ section, title });
});

test("readings of the machine have their units, unknown ones too", () => {
  expect(placeOfReading("cpu").format(12.34)).toBe("12.3 %");
  expect(placeOfReading("proc.memory.rssMB").format(2048)).toBe("2.00 GiB");
  expect(placeOfReading("gpu.1.memoryAllocatedBytes").format(2 ** 31)).toBe("2.00 GiB");
  expect(placeOfReading("network.sent").format(2048)).toBe("2.0 KiB");
  expect(placeOfReading("disk./.usageGB").format(0.5)).toBe("512 MiB");
  expect(placeOfReading("gpu.0.smClock").format(1410)).toBe("1,410 MHz");
  expect(placeOfReading("gpu.0.constructor")).toMatchObject({ section: "Other readings" });
  expect(placeOfReading("constructor")).toMatchObject({ section: "Other readings" });
});

test("the same reading of several devices is one chart, with a line for each", () => {
  const [first, second] = ["gpu.0.temp", "gpu.13.temp"].map(placeOfReading);

  expect(first).toMatchObject({ section: "GPU", title: "Temperature", label: "GPU 0" });
  expect(second).toMatchObject({ label: "GPU 13", chart: first?.chart });
  expect(placeOfReading("gpu.process.0.gpu")).toMatchObject({ section: "GPU, this process" });
  expect(placeOfReading("disk./a.b/c.usagePercent")).toMatchObject({
    section: "Disks",
    title: "In use",
    label: "/a.b/c",
  });
  expect(placeOfReading("disk.in").section).toBe("Other readings");
});

test("the readings of several processes are told apart in one chart", () => {
  const [own, worker, gpu] = ["cpu", "cpu/l:worker-1", "gpu.0.temp/l:b/l:c"].map(placeOfReading);

  expect(worker).toMatchObject({ title: "CPU", chart: own?.chart, label: "worker-1" });
  expect(gpu).toMatchObject({ title: "Temperature", label: "GPU 0 · b/l:c" });
  expect(placeOfReading("fan/l:x")).toMatchObject({ section: "Other readings", title: "fan/l:x" });
});

test("nested config is shown under dotted names, what is pinned is known", () => {
  const rows = flat(
    { lr: 1e-4, model: { hidden: [64, 32], name: null }, empty: {} },
    new Set(["model"]),
  );

  expect(rows.map(({ name, value, pinned }) => [name, value, pinned])).toEqual([
    ["lr", 1e-4, false],
    ["model.hidden", [64, 32], true],
    ["model.name", null, true],
    ["empty", {}, false],
  ]);
});

test("what define_metric keeps of one metric stays together", () => {
  const rows = flat({ loss: { min: 0.1, mean: 0.4 }, val: { min: { of: 1 } } });

  expect(rows.map((row) => row.name)).toEqual(["loss", "val.min.of"]);
});
