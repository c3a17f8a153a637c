import { describe, expect, test } from "vitest";
import { pathIn, withoutPath } from "../src/lab/address";
import { arrange } from "../src/lab/arrange";
import { Runs, timesText } from "../src/lab/runs";
import { sparkPath } from "../src/lab/spark";
import type { RunList, RunRow } from "../src/protocol";

const NOW = 1_000_000;

function run(fields: Partial<RunRow> & { uid: string }): RunRow {
  return {
    id: fields.uid,
    project: "digits",
    name: fields.uid,
    state: "finished",
    started: NOW - 100,
    ended: NOW - 40,
    seen: NOW - 40,
    active: 60,
    ticking: false,
    step: null,
    idle: null,
    notebook: null,
    workspace: "w",
    group: "",
    job_type: "",
    tags: [],
    spark_key: "",
    spark: [],
    ...fields,
  };
}

function list(runs: RunRow[], fields: Partial<RunList> = {}): RunList {
  return { op: "runs", full: false, removed: [], runs, ...fields };
}

test("the project with the newest run comes first, and in it the newest run", () => {
  const runs = new Runs();
  runs.apply(
    list([
      run({ uid: "a", started: 1, project: "old" }),
      run({ uid: "b", started: 2, project: "new" }),
      run({ uid: "c", started: 3, project: "new" }),
    ]),
  );

  const groups = runs.groups("").map(({ project, runs }) => [project, runs.map((r) => r.uid)]);

  expect(groups).toEqual([
    ["new", ["c", "b"]],
    ["old", ["a"]],
  ]);
});

test("a full list replaces what was known, a part adds to it", () => {
  const runs = new Runs();
  runs.apply(list([run({ uid: "gone" })]));
  runs.apply(list([run({ uid: "a", state: "running" })], { full: true }));
  runs.apply(list([run({ uid: "b" })]));

  expect([runs.size, runs.openCount]).toEqual([2, 1]);
});

test("a run that was removed is gone", () => {
  const runs = new Runs();
  runs.apply(list([run({ uid: "a" }), run({ uid: "b" })]));
  runs.apply(list([], { removed: ["a"] }));

  expect(runs.groups("").flatMap((group) => group.runs.map((r) => r.uid))).toEqual(["b"]);
});

test.each([
  ["otter", ["brave-otter"]],
  ["^calm", ["calm-heron"]],
  ["OTTER|heron", ["brave-otter", "calm-heron"]],
  ["mnist", ["calm-heron"]],
  ["(", ["odd(name"]],
  ["  ", ["brave-otter", "calm-heron", "odd(name"]],
])("searching for %j finds %j", (search, found) => {
  const runs = new Runs();
  runs.apply(
    list([
      run({ uid: "1", name: "brave-otter", started: 3 }),
      run({ uid: "2", name: "calm-heron", started: 2, project: "mnist" }),
      run({ uid: "3", name: "odd(name", started: 1 }),
    ]),
  );

  const names = runs.groups(search).flatMap((group) => group.runs.map((r) => r.name));

  expect(names.sort()).toEqual(found);
});

test("the time of a run goes on while it is active, and stands while it is idle", () => {
  const active = run({ uid: "a", state: "running", ticking: true, active: 60, seen: NOW - 5 });

  expect(timesText(active, NOW)).toBe("1:05");
  expect(timesText({ ...active, ticking: false }, NOW)).toBe("1:00 · idle");
  expect(timesText(run({ uid: "b", ended: NOW - 7_200 }), NOW)).toBe("2 h ago · 1:00");
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
