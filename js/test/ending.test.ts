import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { offerHost, type RunFeed } from "../src/data";
import { Header } from "../src/panels/header";
import type { RunHead, Snapshot } from "../src/protocol";
import { golden } from "./golden";
import { type Page, type PageElement, stubPage } from "./page";

let page: Page;

beforeEach(() => {
  page = stubPage();
  vi.useFakeTimers();
});

afterEach(() => void vi.useRealTimers());

/** The header of an open run that can be turned idle and busy. */
function headerOf(end: (op: "stop" | "finish") => Promise<unknown>) {
  const store = { run: {} as RunHead, heardAt: 0 };
  const turn = (changes: Partial<RunHead>) => {
    const { run } = golden("snapshot").read.head as unknown as Snapshot;
    store.run = { ...run, state: "running", ticking: true, ...changes };
  };
  turn({});
  const feed = { store, connection: "live", refusal: "", canAsk: true, end };
  const header = new Header(feed as unknown as RunFeed);
  const element = page.show(header.element);
  header.open();
  const turned = (changes: Partial<RunHead>) => {
    turn(changes);
    header.update();
  };
  return { element, turned };
}

const words = (element: PageElement) =>
  element
    .querySelectorAll(".nbt-button")
    .map((one) => one.textContent)
    .join(", ");

const state = (element: PageElement) => element.querySelectorAll(".nbt-state-box")[0]?.textContent;

function press(element: PageElement, word: string): void {
  const found = element.querySelectorAll(".nbt-button").find((one) => one.textContent === word);
  if (!found) throw new Error(`no button ${word} among ${words(element)}`);
  found.fire("click");
}

test("Finish is there where nothing goes on in an open run, and not between two cells", () => {
  const { element, turned } = headerOf(async () => {});
  expect(words(element)).toBe("Stop");

  turned({ ticking: false });
  vi.advanceTimersByTime(1500);
  turned({});
  turned({ ticking: false });
  vi.advanceTimersByTime(1500);
  expect([state(element), words(element)]).toEqual(["Running", "Stop"]);
  vi.advanceTimersByTime(1500);
  expect([state(element), words(element)]).toEqual(["Idle", "Finish, Stop"]);
  turned({});
  expect([state(element), words(element)]).toEqual(["Running", "Stop"]);
  turned({ state: "finished", ticking: false });
  vi.advanceTimersByTime(9000);
  expect([state(element), words(element)]).toEqual(["Finished", ""]);
});

test("Finish asks first, and what came between is told", async () => {
  const asked: string[] = [];
  const { element, turned } = headerOf(async (op) => {
    asked.push(op);
    throw new Error("Run 'otter' is at work");
  });
  turned({ ticking: false });
  vi.advanceTimersByTime(3000);

  press(element, "Finish");
  expect(words(element)).toBe("Finish run, Keep open, Stop");
  press(element, "Keep open");
  press(element, "Finish");
  press(element, "Finish run");
  expect(words(element)).toBe("Finishing …, Stop");
  await vi.advanceTimersByTimeAsync(0);

  expect(asked).toEqual(["finish"]);
  expect(element.textContent).toContain("Not finished: Run 'otter' is at work");
  expect(words(element)).toBe("Finish, Stop");
});

test("a question that nobody answers goes away; who wants none is asked none", async () => {
  const asked: string[] = [];
  const { element } = headerOf(async (op) => void asked.push(op));

  press(element, "Stop");
  expect(words(element)).toBe("Stop run, Keep running");
  vi.advanceTimersByTime(9000);
  expect(words(element)).toBe("Stop");
  const withdraw = offerHost({ showCell() {}, saveReport() {}, confirmsStop: false });
  press(element, "Stop");
  await vi.advanceTimersByTimeAsync(0);
  withdraw();

  expect(asked).toEqual(["stop"]);
  expect(words(element)).toBe("Stopping …");
});

test("Stop is there again where the code goes on, not before it had time to save", async () => {
  const asked: string[] = [];
  const { element, turned } = headerOf(async (op) => void asked.push(op));

  for (let times = 1; times <= 2; times++) {
    press(element, "Stop");
    press(element, "Stop run");
    await vi.advanceTimersByTimeAsync(9000);
    expect(words(element)).toBe("Stopping …");
    vi.advanceTimersByTime(1000);
    expect(words(element)).toBe("Stop");
    expect(element.textContent).toContain("still at work");
    expect(asked.length).toBe(times);
  }
  turned({ state: "killed" });
  expect(words(element)).toBe("");
  expect(element.textContent).not.toContain("still at work");
});

test("a Stop that is heard says no more of it later", async () => {
  const { element, turned } = headerOf(async () => {});

  press(element, "Stop");
  press(element, "Stop run");
  await vi.advanceTimersByTimeAsync(100);
  turned({ state: "killed" });
  vi.advanceTimersByTime(20_000);

  expect(words(element)).toBe("");
  expect(element.textContent).not.toContain("still at work");
});
