import { describe, expect, test } from "vitest";
import { pathIn, withoutPath } from "../src/lab/address";
import { arrange } from "../src/lab/arrange";
import { leftWords } from "../src/lab/questions";
import { type Choices, completions } from "../src/lab/sidebar/complete";
import { HEADER_PX, Page, ROW_PX, timesText } from "../src/lab/sidebar/page";
import { slipIn } from "../src/lab/slips";
import { sparkPath } from "../src/lab/spark";
import { standing } from "../src/lab/standing";
import { keyOf } from "../src/lab/table/selection";
import type { RunPage, RunRow } from "../src/protocol";
import { endedRun } from "./rows";

const NOW = 1_000_000;

function run(fields: Partial<RunRow> & { uid: string }): RunRow {
  return endedRun(fields.uid, { started: NOW - 100, ended: NOW - 40, seen: NOW - 40, ...fields });
}

function page(runs: RunRow[], fields: Partial<RunPage> = {}): RunPage {
  const counts = { total: runs.length, open: 0, matching: runs.length, left_out: 0 };
  return {
    ...{ op: "page", view: "list", full: true, offset: 0, groups: [], meaning: "all", ...counts },
    order: runs.map(keyOf),
    runs,
    ...fields,
  };
}

describe("a page of runs", () => {
  test("a later one adds to it, puts it in order and takes off what went", () => {
    const shown = new Page();
    const [a, b, c] = [run({ uid: "a" }), run({ uid: "b" }), run({ uid: "c" })];
    shown.apply(page([a, b]));

    shown.apply(page([c], { full: false, order: [c, a].map(keyOf) }));

    expect([0, 1].map((place) => shown.at(place)?.uid)).toEqual(["c", "a"]);
    shown.apply(page([], { full: false, order: [b].map(keyOf) }));
    expect(shown.at(0)).toBeUndefined();
  });

  test("a run is found by its place among all", () => {
    const shown = new Page();
    shown.apply(page([run({ uid: "a" }), run({ uid: "b" })], { offset: 40 }));

    expect(shown.at(41)?.uid).toBe("b");
    expect([shown.at(39), shown.at(42)]).toEqual([undefined, undefined]);
    expect(shown.placeOf("w/b")).toBe(41);
    expect(shown.placeOf("elsewhere/b")).toBe(-1);
  });

  test("the same uid in two workspaces is two runs", () => {
    const shown = new Page();
    shown.apply(page([run({ uid: "a", name: "here" }), run({ uid: "a", workspace: "copy" })]));

    expect([0, 1].map((place) => shown.at(place)?.name)).toEqual(["here", "a"]);
  });

  test("folded groups have a header and no rows", () => {
    const shown = new Page();
    const groups = ["new", "old", "older"].map((name) => ({ name, count: 3, open: 0 }));
    shown.apply(page([], { groups }));

    const sections = shown.sections(new Set(["old"]));

    expect(sections.map(({ top, height, first }) => [top, height, first])).toEqual([
      [0, HEADER_PX + 3 * ROW_PX, 0],
      [HEADER_PX + 3 * ROW_PX, HEADER_PX, 3],
      [2 * HEADER_PX + 3 * ROW_PX, HEADER_PX + 3 * ROW_PX, 3],
    ]);
  });
});

describe("what completes a filter", () => {
  const choices: Choices = {
    facets: [
      {
        field: "state",
        values: [
          { value: "finished", runs: 7 },
          { value: "failed", runs: 2 },
        ],
        left_out: 0,
      },
      { field: "tags", values: [{ value: "best of all", runs: 1 }], left_out: 0 },
    ],
    fields: [
      { name: "config.lr", kind: "number", runs: 9 },
      { name: "config.learning rate", kind: "number", runs: 1 },
      { name: "summary.val/loss", kind: "number", runs: 5 },
    ],
  };

  test.each([
    ["config.", ["config.lr", "config.learning rate"]],
    ["config.le", ["config.learning rate"]],
    ["lr", ["config.lr"]],
    ["l", []],
    ["loss", ["summary.val/loss"]],
    ["brave-otter", []],
    ["config.lr < 0.1 and summ", ["summary.val/loss"]],
    ["config.lr < 0.1 an", []],
    ["config.lr < ", []],
    ["not (sta", ["state"]],
    ["state = f", ["finished", "failed"]],
    ["state in [finished, fa", ["failed"]],
    ["tag = ", ["best of all"]],
  ])("after %j come %j", (text, words) => {
    expect(completions(text, choices).map(({ word }) => word)).toEqual(words);
  });

  test.each([
    ["config.le", "config.`learning rate` "],
    ["not config.lr", undefined],
    ["not config.l", "not config.lr "],
    ["tag = b", 'tag = "best of all" '],
    ['tag = "be', 'tag = "best of all" '],
  ])("%j becomes %j", (text, whole) => {
    const [first] = completions(text, choices);

    expect(first && text.slice(0, first.from) + first.insert).toBe(whole);
  });

  test.each([
    ["config.rate < 0.1", "no run has config.rate"],
    ["config.lr < 0.1 and config.`learning-rate` > 0", "no run has config.learning-rate"],
    ["config.lr < 0.1 and summary.val/loss > 9", ""],
    ["state = finshed", "no run has the state finshed; there are finished, failed"],
    [
      "not state == 'finished' and tag = \"worst\"",
      "no run has the tag worst; there are best of all",
    ],
    ["name = 'config.rate' and state = failed", ""],
    ["group = a", ""],
  ])("where no run meets %j it is said: %j", (filter, words) => {
    expect(slipIn(filter, choices)).toBe(words);
  });

  test("before it is known what there is nothing is called a slip", () => {
    expect(slipIn("config.rate < 0.1 and state = finshed", { facets: [], fields: [] })).toBe("");
  });
});

test("the time of a run goes on while it is active, and stands while it is idle", () => {
  const active = run({ uid: "a", state: "running", ticking: true, active: 60, seen: NOW - 5 });

  expect(timesText(active, NOW)).toBe("1:05");
  const idle = { ...active, ticking: false, idle: NOW - 90 };
  expect([standing(active), standing(idle)]).toEqual(["running", "idle"]);
  expect(timesText(idle, NOW)).toBe("1:30 · 1:00");
  expect(timesText(run({ uid: "b", ended: NOW - 7_200 }), NOW)).toBe("2 h ago · 1:00");
});

test("what a server that went away left undone is said in one sentence", () => {
  expect(leftWords({ left: 2, why: "the server does not answer" })).toBe(
    "2 runs are as they were: the server does not answer",
  );
  expect(leftWords({ left: 1, why: "" })).toBe("1 run is as it was.");
  expect(leftWords({ left: 0, why: "" })).toBe("");
});

test("a clock of the browser that is behind does not turn time back", () => {
  const active = run({ uid: "a", state: "running", ticking: true, active: 60, seen: NOW + 30 });

  expect(timesText(active, NOW)).toBe("1:00");
});

test("a sparkline fills its box and leaves a gap where a value is missing", () => {
  expect(sparkPath([0, 1, null, 1, 0])).toBe("M1.5 14.5L15.75 1.5M44.25 1.5L58.5 14.5");
});

test("a flat sparkline stands in the middle, and one without values draws nothing", () => {
  expect(sparkPath([3, 3])).toBe("M1.5 8L58.5 8");
  expect(sparkPath([])).toBe("");
  expect(sparkPath([null, null])).toBe("");
});

test("arranging moves only what is elsewhere", () => {
  const moved: string[] = [];
  const parent = new FakeParent(["a", "b", "c"], moved);

  arrange(
    parent as unknown as Node,
    ["a", "c", "d"].map((name) => parent.node(name)),
  );

  expect(parent.names).toEqual(["a", "c", "d"]);
  expect(moved).toEqual(["insert c", "insert d", "remove b"]);
});

/** As much of a DOM node as `arrange` uses. */
class FakeParent {
  private readonly nodes = new Map<string, Node>();

  constructor(
    readonly names: string[],
    private readonly log: string[],
  ) {}

  node(name: string): Node {
    const { names, nodes } = this;
    const made = {
      name,
      get nextSibling() {
        const next = names[names.indexOf(name) + 1];
        return next === undefined ? null : nodes.get(next);
      },
    };
    if (!nodes.has(name)) nodes.set(name, made as unknown as Node);
    return nodes.get(name) as Node;
  }

  get firstChild(): Node | null {
    for (const name of this.names) this.node(name);
    return this.names[0] === undefined ? null : this.node(this.names[0]);
  }

  insertBefore(child: { name: string }, next: { name: string } | null): void {
    this.log.push(`insert ${child.name}`);
    const at = this.names.indexOf(child.name);
    if (at >= 0) this.names.splice(at, 1);
    this.names.splice(next ? this.names.indexOf(next.name) : this.names.length, 0, child.name);
  }

  removeChild(child: { name: string }): void {
    this.log.push(`remove ${child.name}`);
    this.names.splice(this.names.indexOf(child.name), 1);
  }
}

describe("the address of a run", () => {
  const BASE = "http://localhost:8888/user/ada/";

  test.each([
    [`${BASE}lab/tree/a.ipynb?nbtrack=ada/digits/runs/1f3k`, "ada/digits/runs/1f3k"],
    [`${BASE}lab?reset&nbtrack=ada%2Fdig%20its%2Fruns%2F1f3k#x`, "ada/dig its/runs/1f3k"],
    [`${BASE}lab/tree/a.ipynb`, null],
    [`${BASE}lab?nbtrack=`, null],
    ["http://localhost:8888/lab?nbtrack=a/b", null],
    ["http://localhost:9999/user/ada/lab?nbtrack=a/b", null],
    ["https://localhost:8888/user/ada/lab?nbtrack=a/b", null],
    ["http://elsewhere.example/user/ada/lab?nbtrack=a/b", null],
    ["javascript:alert(1)//?nbtrack=a/b", null],
    ["not an address", null],
  ])("%s says %s", (address, path) => {
    expect(pathIn(address, BASE)).toBe(path);
  });

  test.each([
    ["/lab/tree/a.ipynb?nbtrack=a/b", "/lab/tree/a.ipynb"],
    ["/lab?reset&nbtrack=a/b&x=1%20y#cell", "/lab?reset&x=1%20y#cell"],
    ["/lab?x=nbtrack&nbtracker=1", "/lab?x=nbtrack&nbtracker=1"],
    ["/lab#?nbtrack=a", "/lab#?nbtrack=a"],
    ["/lab", "/lab"],
  ])("%s without it is %s", (address, without) => {
    expect(withoutPath(address)).toBe(without);
  });
});
