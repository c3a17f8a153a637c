import { expect, test } from "vitest";
import { previousOf } from "../src/panels/code-tab";
import { lineDiff } from "../src/panels/diff";
import { flat } from "../src/panels/values-table";
import type { CellHead } from "../src/protocol";

const shown = (before: string, after: string) =>
  lineDiff(before, after).map(([mark, text]) => mark + text);

test("lines that went and came stand between those that stayed", () => {
  expect(shown("a\nb\nc\nd", "a\nx\nc\ny\nd")).toEqual([" a", "-b", "+x", " c", "+y", " d"]);
  expect(shown("", "a")).toEqual(["-", "+a"]);
  expect(shown("same", "same")).toEqual([" same"]);
});

test("either text can be read off a difference", () => {
  const text = (seed: number) =>
    Array.from({ length: 60 }, (_, i) => `line ${(i * seed * 7919) % 23}`).join("\n");

  for (let seed = 1; seed < 30; seed++) {
    const lines = lineDiff(text(seed), text(seed + 1));
    const side = (mark: string) =>
      lines.filter(([one]) => one === " " || one === mark).map(([, line]) => line);
    expect(side("-").join("\n")).toBe(text(seed));
    expect(side("+").join("\n")).toBe(text(seed + 1));
  }
});

test("texts that are too long to compare are shown whole, in a moment", () => {
  const long = (word: string) => Array.from({ length: 5_000 }, (_, i) => `${word}${i}`).join("\n");

  expect(lineDiff(long("a"), long("b"))).toHaveLength(10_000);
});

test("a cell is compared with itself when it ran before", () => {
  const cell = (number: number, id: string | null): CellHead => ({
    ...{ number, cell: id, count: number, source: "", started: null },
    ...{ duration: 0, status: "ok", error: "" },
  });
  const cells = [
    cell(0, "a"),
    cell(1, "b"),
    cell(2, "a"),
    cell(3, "a"),
    cell(4, null),
    cell(5, null),
  ];

  expect(previousOf(cells[3] as CellHead, cells)?.number).toBe(2);
  expect(previousOf(cells[0] as CellHead, cells)).toBeUndefined();
  expect(previousOf(cells[5] as CellHead, cells)).toBeUndefined();
});

test("keys that objects have by birth are keys as any other", () => {
  const summary = JSON.parse('{"__proto__": 1, "constructor": {"prototype": 2}}');

  expect(flat(summary).map((row) => row.name)).toEqual(["__proto__", "constructor.prototype"]);
});
