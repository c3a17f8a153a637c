import { beforeEach, expect, test, vi } from "vitest";
import type { CompareContext } from "../src/compare/context";
import { LongList } from "../src/compare/long-list";
import { CompareStore } from "../src/compare/store";
import { CompareTable } from "../src/compare/table-tab";
import type { RunFeed } from "../src/data";
import { Console } from "../src/data/console";
import { AlertsTab } from "../src/panels/alerts-tab";
import { h, Scope } from "../src/panels/dom";
import { FactsTable } from "../src/panels/facts";
import { FilesTab } from "../src/panels/files-tab";
import { Legend } from "../src/panels/legend";
import { LogsTab } from "../src/panels/logs-tab";
import { arrange, renew } from "../src/panels/staying";
import type { TabContext } from "../src/panels/tab";
import { Tags } from "../src/panels/tags";
import { Chooser } from "../src/panels/tools";
import { ValuesTable } from "../src/panels/values-table";
import type { ComparedRun, Comparison, Line, NoticeHead } from "../src/protocol";
import { type Page, type PageElement, stubPage } from "./page";

let page: Page;

beforeEach(() => {
  page = stubPage();
});

const NEWS = { keys: true, run: true, values: true, lines: true };

/** The elements that somebody could press or type into. */
function controls(element: PageElement): PageElement[] {
  return ["button", "input", "select"].flatMap((tag) => element.querySelectorAll(tag));
}

/** Elements are the same ones, and not only alike. */
function expectSame(some: readonly unknown[], others: readonly unknown[]): void {
  expect(some.map((one, i) => one === others[i])).toEqual(others.map(() => true));
}

function labelled(element: PageElement, label: string): PageElement {
  const found = controls(element).find((one) => one.getAttribute("aria-label") === label);
  if (!found) throw new Error(`nothing is called ${label}`);
  return found;
}

test.each([
  ["ab", "abc"],
  ["abc", "cb"],
  ["abc", "bxa"],
])("what has the focus keeps it when %s becomes %s", (before, after) => {
  const made = new Map([..."abcx"].map((name) => [name, h("button", {}, name)]));
  const some = (names: string) => [...names].map((name) => made.get(name) as HTMLButtonElement);
  const list = page.show(h("div", {}, ...some(before)));
  made.get("b")?.focus();

  arrange(list as unknown as Element, some(after));

  expect(list.textContent).toBe(after);
  expect(page.activeElement.textContent).toBe("b");
});

test("an element that says the same stays, and so does what changes only inside", () => {
  const row = (key: string, value: string) =>
    h("li", { "data-key": key, title: value }, h("b", {}, key), h("span", {}, value));
  const list = page.show(h("ul", {}, row("a", "1"), row("b", "2"), row("c", "3")));
  const [a, b, c] = list.children;
  const name = c?.firstElementChild;

  renew(list as unknown as Element, [row("new", "0"), row("a", "1"), row("c", "4")]);

  expect(list.textContent).toBe("new0a1c4");
  expectSame(list.children.slice(1), [a, c]);
  expect([b?.isConnected, c?.firstElementChild === name, c?.getAttribute("title")]).toEqual([
    false,
    true,
    "4",
  ]);
});

test("the button of a value stays under the finger while the value changes and keys come", () => {
  const table = new ValuesTable(new Scope(), "Summary", String);
  table.show({ loss: 1, note: "x".repeat(200) });
  const shown = page.show(table.element);
  const copy = labelled(shown, "Copy loss");
  copy.focus();

  table.show({ acc: 0.5, loss: 2, note: "x".repeat(200) });

  expect(page.activeElement).toBe(copy);
  expect(shown.textContent).toContain("loss2");
  const more = controls(shown).find((one) => one.textContent === "More");
  more?.focus();
  table.show({ acc: 0.5, loss: 2, note: "y".repeat(200) });
  expect(page.activeElement.textContent).toBe("More");
});

test("two values of one name have a row each", () => {
  const table = new ValuesTable(new Scope(), "Config", String);

  table.show({ "a.b": 1, a: { b: 2 } });

  expect(page.show(table.element).querySelectorAll("dd")).toHaveLength(2);
});

test("what is typed among the facts goes on when facts come", () => {
  const facts = new FactsTable("Run");
  const field = h("input");
  const tags = h("div", {}, field, h("button"));
  const shown = page.show(facts.element);
  facts.show([["Tags", tags]]);
  field.focus();

  facts.show([
    ["Reason", "it was stopped"],
    ["Tags", tags],
  ]);

  expect(page.activeElement).toBe(field);
  expect(shown.querySelectorAll("dt").map((one) => one.textContent)).toEqual(["Reason", "Tags"]);
});

test("a line of a legend keeps the focus when another line comes", () => {
  const legend = new Legend(
    () => {},
    () => {},
  );
  const entry = (key: string, color: number) => ({
    ...{ key, label: key, color, value: "1", muted: false, movable: false },
  });
  legend.show([entry("a", 0), entry("b", 1)]);
  const shown = page.show(legend.element);
  const [, b] = controls(shown);
  b?.focus();

  legend.show([entry("new", 2), { ...entry("a", 0), value: "7" }, entry("b", 1)]);

  expect(page.activeElement).toBe(b);
  expect(shown.textContent).toBe("new1a7b1");
});

test("alerts that are there stay when others come", () => {
  const notice = (time: number) =>
    ({ level: "warning", cause: "c", text: `at ${time}`, count: 1, time }) as NoticeHead;
  const run = { notices: [notice(1), notice(2)] };
  const context = { state: { alertsSeen: 0 }, feed: { store: { run } }, say: () => {} };
  const tab = new AlertsTab(context as unknown as TabContext);
  const shown = page.show(tab.element);
  tab.open();
  const before = shown.querySelectorAll("li");

  run.notices.push(notice(3));
  tab.update(NEWS);

  expect(shown.querySelectorAll("p").map((one) => one.textContent)).toEqual([
    "at 3",
    "at 2",
    "at 1",
  ]);
  expectSame(shown.querySelectorAll("li").slice(1), before);
});

test("a list of choices that is open gets more of them, and keeps what is marked", () => {
  const chooser = new Chooser(new Scope(), "Axis", () => {});
  const select = page.show(chooser.element);
  chooser.show([["step", "Step"]], [["loss", "loss"]], "step");
  const before = select.querySelectorAll("option");
  const written = vi.fn();
  let value = "step";
  Object.defineProperty(select, "value", {
    get: () => value,
    set: (text: string) => {
      value = text;
      written(text);
    },
  });

  chooser.show(
    [["step", "Step"]],
    [
      ["acc", "acc"],
      ["loss", "loss"],
    ],
    "step",
  );

  const [step, acc, loss] = select.querySelectorAll("option");
  expectSame([step, loss], before);
  expect([acc?.textContent, written.mock.calls]).toEqual(["acc", []]);
});

test("who is about to remove a tag is still about to when tags come", () => {
  const run = { tags: ["old"] };
  const tags = new Tags({ store: { run }, canAsk: true } as unknown as RunFeed);
  const shown = page.show(tags.element);
  tags.update();
  labelled(shown, "Remove tag old").focus();

  run.tags = ["new", "old"];
  tags.update();
  expect(page.activeElement.getAttribute("aria-label")).toBe("Remove tag old");

  run.tags = ["new"];
  tags.update();
  expect(page.activeElement.getAttribute("aria-label")).toBe("Add a tag");
});

test("a tag that is typed is added to those that came meanwhile", () => {
  const run = { tags: ["old"] };
  const edit = vi.fn(async () => {});
  const tags = new Tags({ store: { run }, canAsk: true, edit } as unknown as RunFeed);
  const shown = page.show(tags.element);
  tags.update();
  labelled(shown, "Add a tag").fire("click");
  const field = labelled(shown, "New tag");

  run.tags = ["old", "of somebody else"];
  tags.update();
  expect(page.activeElement).toBe(field);
  field.value = "mine";
  field.fire("keydown", { key: "Enter", stopPropagation() {}, preventDefault() {} });

  expect(edit).toHaveBeenCalledWith({ tags: ["old", "of somebody else", "mine"] });
});

test("folders stay open, and a file keeps the focus, when the files come anew", async () => {
  const many = Array.from({ length: 60 }, (_, i) => `model/${i}.pt`);
  const files = () => ["a.txt", ...many].map((name) => ({ name, size: 1, time: 0 }));
  const run = { state: "running" };
  const ask = async () => ({ reply: { op: "reply", id: "", files: files() } });
  const feed = { uid: "u", canAsk: true, store: { run }, ask };
  const context = { feed, recount: () => {}, failed: () => {}, say: () => {} };
  const tab = new FilesTab(context as unknown as TabContext);
  const shown = page.show(tab.element);
  tab.shown();
  const folder = () => controls(shown).find((one) => one.dataset.key === "model/");
  await expect.poll(folder).toBeDefined();
  folder()?.fire("click");
  const before = controls(shown).find((one) => one.dataset.key === "model/7.pt");
  before?.focus();

  run.state = "finished";
  tab.update(NEWS);

  await expect.poll(() => before?.isConnected).toBe(false);
  await expect.poll(() => page.activeElement.dataset.key).toBe("model/7.pt");
});

test("rows of the console stay while lines come", () => {
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => {
    draw();
    return 0;
  });
  const line = (number: number): Line => ({
    ...{ number, time: number, stream: "stdout", text: `line ${number}` },
  });
  const lines = new Console();
  lines.load([line(0), line(1)], 2);
  const feed = { uid: "u", canAsk: true, store: { console: lines, run: { started: 0 } } };
  const state = { logStream: "", logLevel: "all", logSearch: "", logOnly: false, follow: true };
  const context = { feed, state, failed: () => {}, say: () => {} };
  const tab = new LogsTab(context as unknown as TabContext);
  const shown = page.show(tab.element);
  for (const view of shown.querySelectorAll(".nbt-log")) view.clientHeight = 180;
  tab.open();
  tab.shown();
  const rows = () => shown.querySelectorAll(".nbt-log-row");
  const before = rows();

  lines.append([line(2)]);
  tab.update(NEWS);

  expectSame(rows().slice(0, 2), before);
  expect(rows().map((one) => one.dataset.number)).toEqual(["0", "1", "2"]);
});

function comparedRun(uid: string, lr: number, loss: number): ComparedRun {
  return {
    ...{ uid, id: uid, name: uid, project: "digits", state: "running", started: 1, ended: null },
    ...{ active: 1, step: 3, group: "", job_type: "", tags: [] },
    ...{ config: { lr, batch: 32 }, summary: { loss } },
  };
}

function told(...runs: ComparedRun[]): Comparison {
  return {
    ...{ op: "comparison", version: 1, uid: "c", sequence: 1, full: true, runs, shown: [] },
    ...{ order: runs.map(({ uid }) => uid), total: runs.length, keys: [], x: "step" },
    ...{ group_by: [], band: "std" },
  };
}

test("the table of differences keeps the focus and its rows while runs go on", () => {
  const store = new CompareStore();
  store.load(told(comparedRun("a", 1, 5), comparedRun("b", 2, 6)));
  const context = {
    ...{ feed: { store }, state: { sortColumn: "", sortDescending: false } },
    ...{ plotted: () => store.list(), best: () => undefined, failed: () => {} },
  };
  const table = new CompareTable(context as unknown as CompareContext);
  const shown = page.show(table.element);
  table.shown();
  const head = controls(shown).find((one) => one.dataset.column === "summary.loss");
  head?.focus();
  const rows = () => shown.querySelectorAll("tbody").flatMap((body) => body.children);
  const [a, b] = rows();
  const name = b?.firstElementChild;

  store.load(told(comparedRun("new", 3, 7), comparedRun("a", 1, 5), comparedRun("b", 2, 4)));
  table.update({ runs: true, plotted: true, drawn: true });

  expect(page.activeElement).toBe(head);
  expectSame(rows().slice(1), [a, b]);
  expect([b?.firstElementChild === name, b?.textContent]).toEqual([true, "bRunning24"]);
});

test("of a long list those rows are in the page that can be seen, and the one in use", () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `run-${i}`);
  const made = new Map<string, HTMLElement>();
  const rowOf = (name: string) => {
    const row = made.get(name) ?? h("li", {}, h("button", {}, name));
    made.set(name, row);
    return row;
  };
  const list = new LongList("Runs", 20, rowOf, (name) => made.delete(name));
  const shown = page.show(list.element);
  shown.clientHeight = 200;
  const there = () => shown.querySelectorAll("button").map((one) => one.textContent);

  list.show(names);
  expect([there()[0], there().length]).toEqual(["run-0", 18]);
  controls(shown)[2]?.focus();

  shown.scrollTop = 10_000;
  list.place();

  expect(there().slice(0, 2)).toEqual(["run-2", "run-492"]);
  expect(page.activeElement.textContent).toBe("run-2");
  expect([...made.keys()]).toEqual(there());
  const place = made.get("run-500");
  expect([place?.style.top, place?.getAttribute("aria-posinset")]).toEqual(["10000px", "501"]);
});
