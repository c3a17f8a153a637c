import { readFileSync } from "node:fs";
import type { Command } from "@jupyterlab/application";
import { afterEach, describe, expect, test } from "vitest";
import type { Ask, Handlers, Source } from "../src/data";
import { addressOf, pageOf, runInFragment } from "../src/lab/address";
import { addChosenCommands, Chosen, type Deed } from "../src/lab/chosen";
import { CurrentRun } from "../src/lab/current";
import { Alerts, Endings } from "../src/lab/events";
import { RunsLine } from "../src/lab/line";
import type { Makers } from "../src/lab/notebooks";
import { chartHabitsIn, DEFAULTS, preferencesIn } from "../src/lab/preferences";
import { courseOf } from "../src/lab/standing";
import { speak, trans } from "../src/lab/translation";
import type { RunPage, RunRow } from "../src/protocol";
import { endedRun as run } from "./rows";

const SCHEMA = JSON.parse(
  readFileSync(new URL("../src/lab/schema/plugin.json", import.meta.url), "utf8"),
);

describe("settings", () => {
  test("what the schema says by default is what holds without settings", () => {
    const properties = Object.entries(SCHEMA.properties as Record<string, { default: unknown }>);

    expect(Object.fromEntries(properties.map(([name, one]) => [name, one.default]))).toEqual(
      DEFAULTS,
    );
  });

  test("values that are no settings are passed over", () => {
    expect(preferencesIn({ tellAlerts: "yes", sidebarSide: "top", confirmStop: false })).toEqual({
      ...DEFAULTS,
      confirmStop: false,
    });
  });

  test.each([
    [{ chartPoints: 100, chartSmoothing: 1, chartAxis: "moon" }, [null, 0, "auto"]],
    [{ chartPoints: "many", chartSmoothing: Number.NaN }, [null, 0, "auto"]],
    [{ chartPoints: 5_000, chartSmoothing: 0.9, chartAxis: "wall" }, [5_000, 0.9, "wall"]],
  ])("with %j charts are drawn by %j", (said, [points, smoothing, axis]) => {
    expect(chartHabitsIn(preferencesIn(said))).toEqual({ points, smoothing, axis });
  });

  test("the schema has the bounds that hold", () => {
    for (const name of ["chartPoints", "chartSmoothing"] as const) {
      const { minimum, maximum } = SCHEMA.properties[name];

      expect(preferencesIn({ [name]: minimum })[name]).toBe(minimum);
      expect(preferencesIn({ [name]: maximum })[name]).toBe(maximum);
      expect(preferencesIn({ [name]: minimum - 0.1 })).toEqual(DEFAULTS);
      expect(preferencesIn({ [name]: maximum + 0.1 })).toEqual(DEFAULTS);
    }
  });
});

describe("words", () => {
  afterEach(() => speak(null));

  test("without a translator they stand as they are written, values in their places", () => {
    expect(trans.__("Run %1 of %2, %1", "a%2", 3)).toBe("Run a%2 of 3, a%2");
    expect(trans._n("%1 run of %2", "%1 runs of %2", 1, "digits")).toBe("1 run of digits");
    expect(trans._n("%1 run of %2", "%1 runs of %2", 4, "digits")).toBe("4 runs of digits");
    expect(trans.__("100 %, %9")).toBe("100 %, %9");
  });

  test("with a translator they are said in its language", () => {
    const german = { __: (text: string) => `[${text}]`, _n: (one: string) => `(${one})` };
    const asked: string[] = [];
    speak({
      load: (domain) => {
        asked.push(domain);
        return german;
      },
    });

    expect([trans.__("Runs"), trans._n("run", "runs", 2)]).toEqual(["[Runs]", "(run)"]);
    expect(asked).toEqual(["nbtrack"]);
  });
});

test("the address of a run leads over its notebook, whatever its name", () => {
  const address = addressOf(
    "http://localhost:8888/user/ada/",
    "a b/c?#.ipynb",
    "ada/dig its/runs/1",
  );

  expect(address).toBe(
    "http://localhost:8888/user/ada/lab/tree/a%20b/c%3F%23.ipynb?nbtrack=ada/dig%20its/runs/1",
  );
});

test("the page of a notebook says whose cell it shows", () => {
  const address = pageOf("http://localhost:8888/user/ada/", "a b/c?#.ipynb", "20260101-1-a");

  expect(address).toBe(
    "http://localhost:8888/user/ada/notebooks/a%20b/c%3F%23.ipynb#nbtrack-cell=20260101-1-a",
  );
  expect(runInFragment(new URL(address).hash)).toBe("20260101-1-a");
  expect(new URL(pageOf("http://localhost:8888", "c.ipynb", "")).hash).toBe("");
});

test.each(["", "#", "#nbtrack-cell=", "#nbtrack-cell=../a", "#nbtrack-cell=A", "#cell-id=a"])(
  "the fragment %j asks for no run's cell",
  (hash) => {
    expect(runInFragment(hash)).toBeNull();
  },
);

describe("the notebook in front", () => {
  function signal<T>() {
    const slots: ((sender: unknown, value: T) => void)[] = [];
    const emit = (value: T) => {
      for (const slot of slots) slot(null, value);
    };
    return { connect: (slot: (sender: unknown, value: T) => void) => slots.push(slot), emit };
  }

  test("is known by all its names and by its kernel", () => {
    const [moved, restarted] = [signal<string>(), signal<unknown>()];
    const context = { path: "RTC:old.ipynb", pathChanged: moved };
    const session: { kernel: { id: string } | null } = { kernel: null };
    const panel = { context, sessionContext: { session, kernelChanged: restarted } };
    const tracker = { currentWidget: panel, currentChanged: signal<unknown>() };
    const asked: unknown[] = [];
    const line = { ask: (_: string, { only }: { only: unknown }) => asked.push(only), leave() {} };
    const current = new CurrentRun(line as never, tracker as never);
    const told: (Makers | null)[] = [];
    current.onMakers((makers) => told.push(makers));

    current.follow({ shell: {} } as never);
    session.kernel = { id: "k1" };
    restarted.emit({});
    context.path = "new.ipynb";
    moved.emit("new.ipynb");

    expect(told).toEqual([
      null,
      { notebook: ["old.ipynb"], kernel: [] },
      { notebook: ["old.ipynb"], kernel: ["k1"] },
      { notebook: ["old.ipynb", "new.ipynb"], kernel: ["k1"] },
    ]);
    expect(asked.at(-1)).toMatchObject(told.at(-1) ?? {});
    expect(current.isOf(run("a", { notebook: "/home/ada/old.ipynb" }))).toBe(true);
    expect(current.isOf(run("b", { notebook: "/home/ada/older.ipynb" }))).toBe(false);
  });
});

describe("the ends of runs", () => {
  const told = (endings: Endings, runs: RunRow[]) =>
    endings.take(runs).map(({ kind, run }) => `${run.uid} ${kind}`);

  test("a run that was seen going on is told of once when it ends", () => {
    const endings = new Endings();
    endings.see([run("new", { state: "running", ended: null })]);

    expect(told(endings, [run("old")])).toEqual([]);
    expect(told(endings, [run("new", { state: "failed" }), run("old")])).toEqual(["new failed"]);
    expect(told(endings, [run("new", { state: "failed" })])).toEqual([]);
  });

  test("a run that is restored from the trash has not finished just now", () => {
    const endings = new Endings();
    endings.see([run("told", { state: "running", ended: null })]);
    endings.take([run("told")]);
    endings.take([]);

    expect(told(endings, [run("told"), run("never seen", { ended: 2_000 })])).toEqual([]);
  });

  test("a run that goes on and ends again is told again", () => {
    const endings = new Endings();
    for (const ended of [1_000, 1_500]) {
      endings.see([run("a", { state: "running", ended: null })]);

      expect(told(endings, [run("a", { ended })])).toEqual(["a finished"]);
    }
  });

  test("who stopped a run knows that it ended", () => {
    const endings = new Endings();
    endings.see([run("a", { state: "running", ended: null })]);

    expect(told(endings, [run("a", { state: "killed" })])).toEqual([]);
  });
});

test("alerts are told when there are more of them, by title where it is sure", () => {
  const alerts = new Alerts();
  const titles = (count: number, title: string, uid = "a") =>
    alerts.take([run(uid, { values: { alerts: count, alert: title } })]).map((one) => one.title);

  expect(titles(2, "before")).toEqual([]);
  expect(titles(3, "loss is NaN")).toEqual(["loss is NaN"]);
  expect(titles(3, "loss is NaN")).toEqual([]);
  expect(titles(4, "loss is NaN")).toEqual([""]);
  expect(titles(1, "at once", "new")).toEqual(["at once"]);
  expect(alerts.take([run("none")])).toEqual([]);
});

describe("chosen runs", () => {
  const choice = (count: number, seen = true) => {
    const acted: Deed[] = [];
    const forgotten: string[] = [];
    const stands = { count, seen };
    return {
      forget: (keys: readonly string[]) => void forgotten.push(...keys),
      ...{ acted, forgotten, stands, count: () => stands.count, isSeen: () => stands.seen },
      act: (deed: Deed) => void acted.push(deed),
    };
  };

  test("are those of the view that was used last and is on the screen", () => {
    const [table, list, hidden] = [choice(2), choice(1), choice(3, false)];
    const chosen = new Chosen(() => {});
    for (const one of [table, list, hidden]) chosen.note(one);

    expect(chosen.current).toBe(list);
    list.stands.count = 0;
    chosen.note(list);
    expect(chosen.current).toBe(table);
    chosen.forget(table);
    expect(chosen.current).toBeNull();
  });

  test("are chosen nowhere once they are gone", () => {
    const [table, list, empty] = [choice(2), choice(1), choice(0)];
    const chosen = new Chosen(() => {});
    for (const one of [table, list, empty]) chosen.note(one);

    chosen.gone(["w/a"]);

    expect([table, list, empty].map((one) => one.forgotten)).toEqual([["w/a"], ["w/a"], []]);
  });

  test("have commands that are there while runs are chosen", async () => {
    const added = new Map<string, Command>();
    const told: string[] = [];
    const commands = {
      addCommand: (id: string, command: Command) => added.set(id, command),
      execute: async () => {},
      notifyCommandChanged: (id: string) => void told.push(id),
    };
    const listed: string[] = [];
    const addItem = ({ command }: { readonly command: string }) => listed.push(command);
    const chosen = addChosenCommands({ commands }, { addItem });
    const tag = added.get("nbtrack:tag-selected");
    const table = choice(2);

    expect([...added.keys()]).toEqual(listed);
    expect(tag?.isEnabled?.({})).toBe(false);
    chosen.note(table);
    expect(tag?.isEnabled?.({})).toBe(true);
    expect(told).toEqual(listed);
    await tag?.execute({});
    expect(table.acted).toEqual(["tag"]);
  });
});

test.each([
  [{}, ""],
  [{ step: 1_204 }, "step 1,204"],
  [{ step: 3, spark_key: "loss", spark: [1, 0.03125, null] }, "step 3 · loss 0.031250"],
  [{ spark_key: "loss", spark: [null] }, ""],
])("the course of %j is %j", (fields, words) => {
  expect(courseOf(run("a", fields))).toBe(words);
});

describe("the page's line", () => {
  function opened() {
    const asked: Ask[] = [];
    let heard: Handlers | null = null;
    let closed = 0;
    const source: Source = {
      live: true,
      send: (ask) => {
        asked.push(ask);
        return new Promise(() => {});
      },
      open: (handlers) => {
        heard = handlers;
        return () => closed++;
      },
    };
    const hear = (fields: Partial<RunPage>) =>
      heard?.message({ ...PAGE, ...fields }, new DataView(new ArrayBuffer(0)));
    const line = new RunsLine(() => source);
    return { line, asked, hear, connect: () => heard?.connected(), ends: () => closed };
  }
  const PAGE: RunPage = {
    op: "page",
    view: "v",
    full: false,
    offset: 0,
    order: [],
    runs: [],
    total: 0,
    open: 0,
    matching: 0,
    groups: [],
    left_out: 0,
    meaning: "all",
  };

  test("asks again when the line stands again, and shows rows in their order", () => {
    const { line, asked, hear, connect } = opened();
    const shown: string[][] = [];
    line.ask("v", { limit: 2 }, (runs) => shown.push(runs.map((one) => one.uid)));
    expect(asked).toEqual([]);

    connect();
    hear({ full: true, order: ["w/b", "w/a"], runs: [run("a"), run("b")] });
    hear({ order: ["w/c", "w/b"], runs: [run("c")] });
    hear({ view: "another", order: [] });
    connect();

    expect(shown).toEqual([
      ["b", "a"],
      ["c", "b"],
    ]);
    expect(asked).toEqual(Array(2).fill({ op: "browse", view: "v", limit: 2 }));
  });

  test("asks for the runs that go on once, whoever follows them", () => {
    const { line, asked, hear, connect, ends } = opened();
    const told: string[] = [];
    const follower = (name: string) =>
      line.followOpen((runs) => told.push(`${name}: ${runs.map((one) => one.uid)}`));

    const first = follower("first");
    connect();
    hear({ view: "open", full: true, order: ["w/a"], runs: [run("a")] });
    const second = follower("second");
    hear({ view: "open", order: [] });
    first();
    first();
    expect(ends()).toBe(0);
    second();

    expect(told).toEqual(["first: a", "second: a", "first: ", "second: "]);
    expect(asked.length).toBe(1);
    expect(ends()).toBe(1);
    follower("again");
    connect();
    expect(asked.length).toBe(2);
  });

  test("is closed when nobody asks any more", () => {
    const { line, asked, connect, ends } = opened();
    line.ask("v", {}, () => {});
    line.ask("u", {}, () => {});
    connect();

    line.leave("v");
    expect(asked.at(-1)).toEqual({ op: "browse", view: "v", limit: 0 });
    line.leave("v");
    line.leave("u");

    expect(ends()).toBe(1);
  });
});
