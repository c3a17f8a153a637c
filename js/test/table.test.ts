import { describe, expect, test } from "vitest";
import type { Answer, Ask } from "../src/data";
import { actOn, bytesText, doneIn, finishRuns, tagsIn, troublesIn } from "../src/lab/acting";
import { ComparedSource } from "../src/lab/compared";
import { cellText, columnOf, standsRight, valueIn, wantedOf } from "../src/lab/table/columns";
import { RunsFeed } from "../src/lab/table/feed";
import { Items } from "../src/lab/table/items";
import { keepLook, keptLook, lookOf, moved, turned, usualLook } from "../src/lab/table/look";
import { columnsIn, linesIn, placingOf, scrolledTo } from "../src/lab/table/placing";
import { byWorkspace, Selection, uidOf, workspaceOf } from "../src/lab/table/selection";
import { meanText } from "../src/lab/table/statistics";
import type { Browse, RunGroup, RunPage, RunRow, Statistic } from "../src/protocol";

function column(id: string) {
  const found = columnOf(id);
  if (!found) throw new Error(`no column ${id}`);
  return found;
}

function run(uid: string, fields: Partial<RunRow> = {}): RunRow {
  return {
    ...{ uid, id: uid, project: "digits", name: uid, state: "finished", started: 1, ended: 2 },
    ...{ seen: 2, active: 1, ticking: false, step: 3, idle: null, notebook: null },
    ...{ workspace: "w", group: "", job_type: "", tags: [], spark_key: "", spark: [] },
    ...fields,
  };
}

test("runs of several workspaces are told apart, the largest share first", () => {
  expect(byWorkspace(["a/1", "b/2", "b/3"])).toEqual([["b/2", "b/3"], ["a/1"]]);
  expect(byWorkspace([])).toEqual([]);
});

describe("how somebody looks at the table", () => {
  test("comes back as it was kept", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
    };
    const look = {
      ...{ ...usualLook(), order: ["-summary.acc", "+name"], group: "config.lr" },
      groups: "best" as const,
    };
    look.columns = ["name", "summary.acc", "state"];
    look.widths.set("summary.acc", 140);

    keepLook("/user/ada/", look, storage);

    expect(keptLook("/user/ada/", storage)).toEqual(look);
    expect(keptLook("/user/ben/", storage)).toEqual(usualLook());
  });

  test.each([
    ["nothing", null],
    ["a list", []],
    ["other kinds", { columns: 7, pinned: {}, widths: [], order: "x", group: 1, charts: "yes" }],
    ["an order of groups that is none", { groups: "luck" }],
    ["no such fields", { columns: ["__proto__", "config."], order: ["-spark", "state"] }],
    ["odd numbers", { widths: { name: "wide" }, chartsShare: 7 }],
  ])("is the usual one where %s was kept", (_, said) => {
    expect(lookOf(said)).toEqual(usualLook());
  });

  test("a width that was kept is one that can be seen", () => {
    const { widths } = lookOf({ widths: { name: 1e9, state: -5 } });

    expect([widths.get("name"), widths.get("state")]).toEqual([900, 48]);
  });

  test("a column that moves stays among the pinned ones, or among the others", () => {
    const look = usualLook();
    look.columns = ["name", "state", "tags", "duration"];

    expect(moved(look, "duration", "state")).toEqual(["name", "duration", "state", "tags"]);
    expect(moved(look, "state", null)).toEqual(["name", "tags", "duration", "state"]);
    expect(moved(look, "tags", "name")).toEqual(["name", "tags", "state", "duration"]);
  });

  test.each([
    [["-created_at"], "name", false, ["+name"]],
    [["+name"], "name", false, ["-name"]],
    [["+name"], "duration", false, ["-duration"]],
    [["+name"], "config.lr", true, ["+name", "+config.lr"]],
    [["+name", "+config.lr"], "config.lr", true, ["+name", "-config.lr"]],
    [["+name", "+config.lr"], "name", false, ["-name"]],
  ])("after %j a click on %s (further: %s) sorts by %j", (order, id, further, sorted) => {
    expect(turned(order, id, further)).toEqual(sorted);
  });
});

describe("lines", () => {
  const group = (name: string, count: number): RunGroup => ({ name, count, open: 0 });

  test("are runs where nothing is grouped", () => {
    const items = new Items(3, null);

    expect([items.length, items.at(2), items.at(3)]).toEqual([
      3,
      { kind: "run", offset: 2 },
      undefined,
    ]);
  });

  test("are heads, and the runs of those that are open", () => {
    const groups = [group("a", 2), group("b", 3), group("c", 1)];
    const items = new Items(6, groups, new Set(["b"]));
    const said = Array.from({ length: items.length }, (_, line) => {
      const item = items.at(line);
      return item?.kind === "group" ? item.group.name : item?.offset;
    });

    expect(said).toEqual(["a", "b", 0, 1, 2, "c"]);
    expect(items.runsBetween(1, 3)).toEqual({ low: 0, high: 1 });
    expect(items.runsBetween(0, 1)).toBeNull();
  });

  test("of 100,000 only those that can be seen are drawn", () => {
    const { first, end } = linesIn(1_400_000, 600, 100_000);

    expect([first, end]).toEqual([49_988, 50_034]);
    expect(linesIn(1e9, 600, 10)).toEqual({ first: 10, end: 10 });
  });

  test.each([
    ["one above them", 3, 100, 84],
    ["one below them", 30, 0, 840 - (400 - 31 - 28)],
    ["one among them", 5, 100, 100],
    ["the last that fits whole", 12, 0, 0],
    ["the first that is cut", 13, 0, 23],
  ])("are scrolled to %s so that it is seen whole", (_, line, from, to) => {
    expect(scrolledTo(line, from, 400)).toBe(to);
  });

  test("have only the columns that can be seen, and the pinned ones", () => {
    const ids = Array.from({ length: 50 }, (_, n) => `config.c${n}`);
    const placing = placingOf(["name", ...ids].map(column), new Map(), new Set(["name"]));

    const seen = columnsIn(placing, 1_120, 600).map((one) => one.column.id);

    expect(seen[0]).toBe("name");
    expect(seen.slice(1)).toEqual(["config.c10", "config.c11", "config.c12", "config.c13"]);
  });
});

describe("a cell", () => {
  test.each([
    ["config.lr", 0.1, "0.1"],
    ["config.lr", 3e-5, "3.000e\u22125"],
    ["summary.acc", 0.9, "0.90000"],
    ["last_history_step", 12_345, "12,345"],
    ["notes", "first\nsecond", "first"],
    ["config.name", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
    ["config.none", null, "null"],
    ["config.missing", undefined, ""],
  ])("of %s says %j as %j", (id, value, text) => {
    expect(cellText(column(id), value)).toBe(text);
  });

  test("has its number to the right, also one that JSON cannot say", () => {
    const lr = column("config.lr");

    expect([0.1, "NaN", "-Infinity", "adam", true].map((one) => standsRight(lr, one))).toEqual([
      ...[true, true, true, false, false],
    ]);
  });

  test("of a name that objects have anyway is empty", () => {
    expect(valueIn(run("a", { values: {} }), column("config.toString"))).toBeUndefined();
    expect(valueIn(run("a", { values: {} }), column("config.__proto__"))).toBeUndefined();
  });

  test("asks the server only for what rows have not", () => {
    const columns = ["name", "state", "config.lr", "notes", "tags"].map(column);

    expect(wantedOf(columns)).toEqual(["config.lr", "notes"]);
  });

  test.each([
    ["a, b", ["a", "b"]],
    [" a ,, a,b ", ["a", "b"]],
    ["", []],
  ])("takes %j for the tags %j", (text, tags) => {
    expect(tagsIn(text)).toEqual(tags);
  });
});

describe("the numbers of a group", () => {
  const statistic = (fields: Partial<Statistic>): Statistic => ({
    ...{ column: "summary.acc", n: 3, mean: 0.91234, std: 0.00456, low: 0.9, high: 0.92 },
    ...fields,
  });

  test.each([
    [{}, "summary.acc", "0.9123 ± 0.0046"],
    [{ mean: -1.5, std: 0.7 }, "summary.acc", "\u22121.50 ± 0.70"],
    [{ std: 0 }, "summary.acc", "0.91234 ± 0"],
    [{ n: 1, std: null }, "summary.acc", "0.91234"],
    [{ mean: 1234.5, std: 321 }, "summary.acc", "1,234.5 ± 321"],
    [{ mean: 80, std: 2 }, "duration", "1:20 ± 0:02"],
    [{ mean: 1e300, std: null }, "summary.acc", "1.000e300"],
  ])("%j in %s read %s", (fields, id, text) => {
    expect(meanText(statistic(fields), column(id))).toBe(text);
  });
});

describe("chosen runs", () => {
  test("are known by their keys, whatever comes before them", () => {
    let changes = 0;
    const selection = new Selection(() => changes++);
    selection.toggle("w/a");
    selection.add(["w/b", "w/c"]);
    selection.toggle("w/b");
    selection.forget(["w/c", "w/none"]);

    expect([selection.all(), changes]).toEqual([["w/a"], 4]);
    expect([uidOf("w/a"), workspaceOf("w/a")]).toEqual(["a", "w"]);
  });

  test("are done to in parts, and one that fails hinders no other", async () => {
    const parts: number[] = [];
    const send = async (ask: Ask): Promise<Answer> => {
      const { runs } = ask as Ask & { runs: string[] };
      parts.push(runs.length);
      const outcomes = runs.map((uid) => ({
        uid,
        trouble: uid === "3" ? "running" : "",
        bytes: 2,
      }));
      return { reply: { op: "reply", id: "", outcomes }, bytes: new DataView(new ArrayBuffer(0)) };
    };
    const uids = Array.from({ length: 90 }, (_, n) => String(n));

    const result = await actOn(send, uids, { action: "trash" });

    expect(parts).toEqual([40, 40, 10]);
    expect([doneIn(result).length, result.left, troublesIn(result)]).toEqual([
      ...[89, 0, [{ words: "running", runs: 1 }]],
    ]);
  });

  test.each([
    ["", "", undefined],
    ["it is at work", "", "it is at work"],
    ["", "the connection broke", "the connection broke"],
  ])("whose end meets %j and %j end with %j", async (trouble, breaks, said) => {
    const send = async (): Promise<Answer> => {
      if (breaks !== "") throw new Error(breaks);
      const outcomes = [{ uid: "a", trouble, bytes: 0 }];
      return { reply: { op: "reply", id: "", outcomes }, bytes: new DataView(new ArrayBuffer(0)) };
    };

    const why = await finishRuns(send, ["a"]).catch((error: Error) => error.message);

    expect(why).toBe(said);
  });

  test("that are left when the line breaks are counted", async () => {
    let calls = 0;
    const send = async (): Promise<Answer> => {
      if (++calls > 1) throw new Error("the connection to the server broke");
      const reply = { op: "reply", id: "", outcomes: [] } as const;
      return { reply, bytes: new DataView(new ArrayBuffer(0)) };
    };

    const result = await actOn(send, Array(100).fill("a"), { action: "trash" });

    expect([result.left, result.why]).toEqual([60, "the connection to the server broke"]);
  });

  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [12_300_000, "12.3 MB"],
    [5e15, "5000.0 TB"],
  ])("of %d bytes take %s", (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

/** A server that keeps what it was asked, and answers when the test says so. */
class Line {
  readonly asked: Ask[] = [];
  handlers: Parameters<ComparedSource["open"]>[0] | null = null;
  readonly live = true;
  readonly due: {
    readonly resolve: (answer: Answer) => void;
    readonly reject: (e: Error) => void;
  }[] = [];

  open(handlers: Parameters<ComparedSource["open"]>[0]): () => void {
    this.handlers = handlers;
    return () => {
      this.handlers = null;
    };
  }

  send(ask: Ask): Promise<Answer> {
    this.asked.push(ask);
    return new Promise((resolve, reject) => this.due.push({ resolve, reject }));
  }

  async answer(): Promise<void> {
    const reply = { op: "reply", id: "" } as const;
    this.due.shift()?.resolve({ reply, bytes: new DataView(new ArrayBuffer(0)) });
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }

  async fail(why: string): Promise<void> {
    this.due.shift()?.reject(new Error(why));
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
}

test("a comparison says which runs before anybody says hello, and again after a break", async () => {
  const line = new Line();
  let connected = 0;
  const source = new ComparedSource(line, "compare-a", ["a", "b"]);
  source.open({ connected: () => connected++, lost: () => {}, message: () => {} });

  line.handlers?.connected();
  const before = connected;
  await line.answer();
  line.handlers?.lost();
  line.handlers?.connected();
  await line.answer();
  source.turnTo(["b"]);

  expect([before, connected]).toEqual([0, 2]);
  expect(line.asked.map((ask) => ("runs" in ask ? ask.runs : null))).toEqual([
    ...[["a", "b"], ["a", "b"], ["b"]],
  ]);
});

describe("rows from the server", () => {
  function feed(line: Line, refused: (why: string) => void = () => {}): RunsFeed {
    const nothing = () => {};
    const events = { changed: nothing, refused, connected: nothing, lost: nothing };
    const feed = new RunsFeed(line, events);
    feed.open();
    return feed;
  }
  const QUESTION = {
    ...{ search: "", order: ["+name", "-state"], group: "", columns: ["config.lr"] },
    groups: "newest",
  } as const;

  function page(line: Line, offset: number, uids: string[], fields: Partial<RunPage> = {}) {
    const view = (line.asked[0] as { view: string }).view;
    line.handlers?.message(
      {
        ...{ op: "page", view, full: true, offset, order: uids.map((uid) => `w/${uid}`) },
        ...{ runs: uids.map((uid) => run(uid)), total: 100_000, open: 0, matching: 100_000 },
        ...{ groups: [], left_out: 0, meaning: "all", ...fields },
      },
      new DataView(new ArrayBuffer(0)),
    );
  }

  test("are asked for around what can be seen, one question at a time", async () => {
    const line = new Line();
    const rows = feed(line);
    rows.ask({ ...QUESTION, opened: new Set() });
    line.handlers?.connected();
    page(line, 0, ["a", "b"]);

    rows.look(40_000, 40_030);
    rows.look(50_000, 50_030);
    rows.look(50_001, 50_031);
    const whileBusy = line.asked.length;
    await line.answer();

    expect(whileBusy).toBe(1);
    const [first, second] = line.asked as Browse[];
    expect([first?.order, first?.then_by]).toEqual(["+name", ["-state"]]);
    expect(second?.offset).toBe(49_895);
    expect(line.asked).toHaveLength(2);
    expect(rows.at(1)?.uid).toBe("b");
  });

  test("of another question take the places of those before, not sooner", async () => {
    const line = new Line();
    const rows = feed(line);
    rows.ask({ ...QUESTION, opened: new Set() });
    line.handlers?.connected();
    page(line, 0, ["a", "b"]);
    await line.answer();

    rows.ask({ ...QUESTION, search: "c", opened: new Set() });
    const before = rows.at(0)?.uid;
    page(line, 0, ["c"], { matching: 1 });

    expect([before, rows.at(0)?.uid, rows.at(1)]).toEqual(["a", "c", undefined]);
  });

  test("of a question that is refused are those of the one before", async () => {
    const line = new Line();
    const told: string[] = [];
    const rows = feed(line, (why) => told.push(why));
    rows.ask({ ...QUESTION, opened: new Set() });
    line.handlers?.connected();
    page(line, 0, ["a", "b"]);
    await line.answer();

    rows.ask({ ...QUESTION, search: "config.lr <", opened: new Set() });
    await line.fail("a number is missing at the end");
    page(line, 0, ["a", "b"], { full: false, runs: [] });
    rows.look(500, 530);

    expect(told).toEqual(["", "a number is missing at the end"]);
    expect(rows.at(1)?.uid).toBe("b");
    expect((line.asked as Browse[]).map(({ search, offset }) => [search, offset])).toEqual([
      ["", 0],
      ["config.lr <", 0],
      ["", 395],
    ]);
  });

  test("that went are in no place any more", async () => {
    const line = new Line();
    const rows = feed(line);
    rows.ask({ ...QUESTION, opened: new Set() });
    line.handlers?.connected();
    page(line, 0, ["a", "b", "c"], { matching: 3 });

    page(line, 0, ["a"], { matching: 1, full: false });

    expect([rows.at(0)?.uid, rows.at(1), rows.at(2)]).toEqual(["a", undefined, undefined]);
  });
});
