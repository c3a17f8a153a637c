import { beforeEach, expect, test, vi } from "vitest";
import type { Change } from "../src/data";
import { h } from "../src/panels/dom";
import type { Tab, TabContext } from "../src/panels/tab";
import { TabBox } from "../src/panels/tab-box";
import { neighbour, type StripTab } from "../src/panels/tab-strip";
import { type FakeElement, stubDocument } from "./elements";

const NEWS: Change = { keys: false, run: true, values: false, lines: false };

/** A tab that does what it is told to: count, or fail. */
class Fragile implements Tab {
  static made = 0;
  static failing: "" | "make" | "update" | "count" | "listener" = "";
  static closed = 0;
  readonly element = h("p", {}, "all well");
  readonly tools = h("div");

  constructor(readonly context: TabContext) {
    Fragile.made++;
    if (Fragile.failing === "make") throw new Error("no tab");
  }

  open = () => () => {
    Fragile.closed++;
  };

  update(): void {
    if (Fragile.failing === "update") throw new Error("no update");
    if (Fragile.failing === "") this.context.recount();
    if (Fragile.failing === "listener") this.context.failed(new Error("no click"));
  }

  shown(): void {}

  count(): string {
    if (Fragile.failing === "count") throw new Error("no count");
    return "3";
  }
}

const context = {} as Omit<TabContext, "failed" | "recount">;
const boxes = () => {
  const made = ["a", "b"].map((id) => new TabBox({ id, word: id, make: Fragile }, id, context));
  for (const box of made) box.open();
  return made as [TabBox, TabBox];
};
const panelOf = (box: TabBox) => box.panel as unknown as FakeElement;

beforeEach(() => {
  stubDocument();
  vi.restoreAllMocks();
  vi.spyOn(console, "error").mockImplementation(() => {});
  Object.assign(Fragile, { made: 0, failing: "", closed: 0 });
});

test.each([
  ["update", "no update"],
  ["count", "no count"],
  ["listener", "no click"],
] as const)("a tab that fails in its %s says so, and the others go on", (where, words) => {
  const [first, second] = boxes();

  Fragile.failing = where;
  first.update(NEWS);
  Fragile.failing = "";
  second.update(NEWS);

  expect(panelOf(first).textContent).toContain("The tab a stopped working");
  expect(panelOf(first).textContent).toContain(words);
  expect(panelOf(second).textContent).toBe("all well");
  expect((second.button as unknown as FakeElement).textContent).toBe("b3");
  expect(Fragile.closed).toBe(1);
});

test("a tab that failed is shown again when it is asked for, and its failures are counted", () => {
  Fragile.failing = "make";
  const [first] = boxes();
  const again = () => panelOf(first).find("button")?.click();

  again();
  expect(panelOf(first).textContent).toContain("(2 times so far)");
  Fragile.failing = "";
  again();

  expect(panelOf(first).textContent).toBe("all well");
  first.update(NEWS);
  expect((first.button as unknown as FakeElement).textContent).toBe("a3");
});

test("what a tab threw is not told twice: it is closed, and hears nothing more", () => {
  const [first] = boxes();
  Fragile.failing = "update";

  first.update(NEWS);
  first.update(NEWS);

  expect(console.error).toHaveBeenCalledTimes(1);
});

test("a tab of which the run has nothing is left out of the row, unless it is the chosen one", () => {
  let isEmpty = true;
  class Filled extends Fragile {
    isEmpty = () => isEmpty;
  }
  const box = new TabBox({ id: "media", word: "Media", make: Filled }, "media", context);
  box.open();

  box.update(NEWS);
  expect(box.button.hidden).toBe(true);

  box.choose(true);
  expect(box.button.hidden).toBe(false);

  box.choose(false);
  isEmpty = false;
  box.update(NEWS);
  expect(box.button.hidden).toBe(false);
});

test("arrow keys go round the tabs that are shown", () => {
  const tabs = ["a", "b", "c", "d"].map((id) => ({ id, button: { hidden: id === "b" } }));
  const from = (chosen: number, key: string) =>
    neighbour(tabs as unknown as readonly StripTab[], chosen, key)?.id;

  expect([from(0, "ArrowRight"), from(2, "ArrowLeft"), from(0, "ArrowLeft")]).toEqual([
    "c",
    "a",
    "d",
  ]);
  expect([from(3, "ArrowRight"), from(2, "Home"), from(0, "End"), from(0, "x")]).toEqual([
    "a",
    "a",
    "d",
    undefined,
  ]);
});
