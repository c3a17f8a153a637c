/** What the run, and nbtrack itself, wanted somebody to know; the newest first. */
import { formatMoment } from "../chart";
import type { Change } from "../data";
import type { NoticeHead } from "../protocol";
import { h } from "./dom";
import { icon } from "./icons";
import { arrange } from "./staying";
import type { Tab, TabContext } from "./tab";

export class AlertsTab implements Tab {
  readonly element = h("div", { class: "nbt-alerts" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly list = h("ul");
  private readonly nothing = nothing();
  private rows: ReadonlyMap<string, HTMLElement> = new Map();
  private drawn = "";
  private told = Number.NaN;

  constructor(private readonly context: TabContext) {}

  open(): () => void {
    this.draw();
    return () => {};
  }

  update(change: Change): void {
    if (!change.run) return;
    this.tell();
    this.draw();
  }

  shown(): void {
    this.draw();
  }

  /** How many nobody has seen yet. */
  count(): string {
    const { alertsSeen } = this.context.state;
    const unread = this.notices.filter((one) => one.time > alertsSeen && matters(one));
    return unread.length > 0 ? String(unread.length) : "";
  }

  private get notices(): readonly NoticeHead[] {
    return this.context.feed.store.run?.notices ?? [];
  }

  private get newest(): number {
    return Math.max(0, ...this.notices.map((one) => one.time));
  }

  /** Says alerts that came while somebody looks. */
  private tell(): void {
    if (!this.context.feed.store.run) return;
    const fresh = this.notices.filter((one) => one.kind === "alert" && one.time > this.told);
    for (const one of fresh) this.context.say(`Alert: ${one.title}. ${one.text}`);
    this.told = this.newest;
  }

  private draw(): void {
    if (this.element.closest("[hidden]") || !this.element.isConnected) return;
    this.context.state.alertsSeen = Math.max(this.context.state.alertsSeen, this.newest);
    const drawn = JSON.stringify(this.notices);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const newest = [...this.notices].sort((a, b) => b.time - a.time);
    this.rows = new Map(newest.map((one) => [JSON.stringify(one), this.rowOf(one)]));
    arrange(this.element, [newest.length > 0 ? this.list : this.nothing]);
    arrange(this.list, [...this.rows.values()]);
  }

  /** One that says the same stays, and so does what somebody selected in it. */
  private rowOf(notice: NoticeHead): HTMLElement {
    return this.rows.get(JSON.stringify(notice)) ?? row(notice);
  }
}

function matters(notice: NoticeHead): boolean {
  return notice.kind === "alert" || notice.level !== "info";
}

function row(notice: NoticeHead): HTMLElement {
  const { level, count, time } = notice;
  const isAlert = notice.kind === "alert";
  const title = isAlert ? notice.title || "Alert" : "nbtrack";
  const times = count > 1 ? h("span", { class: "nbt-count" }, `${count} times`) : null;
  const head = h(
    "div",
    { class: "nbt-notice-head" },
    h("h3", {}, title),
    h("span", { class: "nbt-spoken" }, level),
    times,
    h("time", { class: "nbt-quiet", datetime: isoOf(time) }, formatMoment(time)),
  );
  const text = h("p", { class: "nbt-notice-text" }, notice.text);
  const sign = icon(level === "info" ? "info" : level === "error" ? "error" : "warning");
  return h("li", { class: "nbt-notice", "data-level": level }, sign, h("div", {}, head, text));
}

function isoOf(epoch_s: number): string {
  const date = new Date(epoch_s * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

function nothing(): HTMLElement {
  return h(
    "div",
    { class: "nbt-empty" },
    icon("bell"),
    h("p", {}, "No alerts"),
    h(
      "p",
      { class: "nbt-quiet" },
      'run.alert("Loss spiked", "…") appears here, and trouble of nbtrack.',
    ),
  );
}
