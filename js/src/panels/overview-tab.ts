/** What a run is: its facts, its configuration, its results, and what nbtrack has to say. */
import { formatCount, formatDuration, formatExact, formatMoment } from "../chart";
import type { Change } from "../data";
import type { Json, JsonObject, NoticeHead, RunHead } from "../protocol";
import { h, setText } from "./dom";
import { icon, stateBadge } from "./icons";
import type { Tab, TabContext } from "./tab";

type Row = readonly [name: string, value: string | Node];

export class OverviewTab implements Tab {
  readonly element = h("div", { class: "nbt-overview" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly notices = h("div");
  private readonly facts = new Table("Run", "facts");
  private readonly summary = new Table("Summary", "values");
  private readonly config = new Table("Config", "values");
  private drawn: RunHead | null = null;

  constructor(private readonly context: TabContext) {
    const tables = [this.facts, this.summary, this.config].map((table) => table.element);
    this.element.append(this.notices, h("div", { class: "nbt-columns" }, ...tables));
  }

  open(): () => void {
    this.draw();
    return () => {};
  }

  update(change: Change): void {
    if (change.run) this.draw();
  }

  shown(): void {
    this.draw();
  }

  /** How much there is to say, so that nobody misses it. */
  count(): string {
    const notices = this.context.feed.store.run?.notices ?? [];
    const serious = notices.filter((notice) => notice.level !== "info").length;
    return serious > 0 ? String(serious) : "";
  }

  private draw(): void {
    const { run } = this.context.feed.store;
    // Hidden, it waits: a summary of a thousand keys changes with each row.
    if (!run || run === this.drawn || this.element.closest("[hidden]")) return;
    if (JSON.stringify(run.notices) !== JSON.stringify(this.drawn?.notices ?? [])) {
      this.notices.replaceChildren(...run.notices.map(noticeRow));
    }
    this.drawn = run;
    this.facts.show(factsOf(run));
    // `_step`, `_runtime` and `_timestamp` stand in the header and among the facts.
    this.summary.show(flat(run.summary, formatExact).filter(([name]) => !name.startsWith("_")));
    this.config.show(flat(run.config, String));
  }
}

/** Names and values. What does not change is left alone, so that text can be selected. */
class Table {
  readonly element: HTMLElement;
  private readonly count = h("span", { class: "nbt-count" });
  private readonly list: HTMLElement;
  private readonly nothing: HTMLElement;
  private names = "";

  constructor(
    title: string,
    private readonly kind: "facts" | "values",
  ) {
    this.list = h("dl", { class: "nbt-table", "data-kind": kind });
    this.nothing = h("p", { class: "nbt-quiet" }, `No ${title.toLowerCase()} yet.`);
    const head = h("h3", {}, title, this.count);
    this.element = h("section", { class: "nbt-table-box" }, head, this.list, this.nothing);
  }

  show(rows: readonly Row[]): void {
    this.nothing.hidden = rows.length > 0;
    setText(this.count, this.kind === "values" && rows.length > 0 ? String(rows.length) : "");
    const names = JSON.stringify(rows.map(([name]) => name));
    if (names !== this.names) {
      this.names = names;
      this.list.replaceChildren(
        ...rows.map(([name]) => h("div", {}, h("dt", { title: name }, name), h("dd"))),
      );
    }
    const cells = this.list.querySelectorAll("dd");
    rows.forEach(([, value], i) => {
      const cell = cells[i] as HTMLElement;
      const text = typeof value === "string" ? value : (value.textContent ?? "");
      if (cell.textContent !== text) cell.replaceChildren(value);
    });
  }
}

function factsOf(run: RunHead): Row[] {
  const rows: (Row | null)[] = [
    ["State", stateBadge(run.state)],
    run.reason === "" ? null : ["Reason", run.reason],
    ["Path", `${run.entity}/${run.project}/${run.id}`],
    ["Started", formatMoment(run.started)],
    run.ended === null ? null : ["Ended", formatMoment(run.ended)],
    ["Active time", formatDuration(run.active)],
    ["Rows", formatCount(run.rows)],
    run.notebook === null ? null : ["Notebook", run.notebook],
    ["Host", run.host],
    ["User", run.user],
    run.group === "" ? null : ["Group", run.group],
    run.job_type === "" ? null : ["Job type", run.job_type],
    run.tags.length === 0 ? null : ["Tags", tagList(run.tags)],
    run.notes === null || run.notes === "" ? null : ["Notes", run.notes],
  ];
  return rows.filter((row) => row !== null);
}

function tagList(tags: readonly string[]): HTMLElement {
  return h(
    "span",
    { class: "nbt-tags" },
    ...tags.map((tag) => h("span", { class: "nbt-tag" }, tag)),
  );
}

function noticeRow(notice: NoticeHead): HTMLElement {
  const times =
    notice.count > 1 ? h("span", { class: "nbt-count" }, `${notice.count} times`) : null;
  const text = h("span", { class: "nbt-notice-text" }, notice.text);
  return h(
    "div",
    { class: "nbt-notice", "data-level": notice.level, role: "note" },
    icon(notice.level === "info" ? "info" : notice.level === "error" ? "error" : "warning"),
    text,
    times,
  );
}

/**
 * Nested values under their dotted names, in their order.
 *
 * @param write how a number is written: rounded where it was measured, as it is in a config.
 */
export function flat(values: JsonObject, write: (value: number) => string, prefix = ""): Row[] {
  return Object.entries(values).flatMap(([key, value]): Row[] => {
    const name = prefix + key;
    return isObject(value) && Object.keys(value).length > 0
      ? flat(value, write, `${name}.`)
      : [[name, written(value, write)]];
  });
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function written(value: Json, write: (value: number) => string): string {
  if (typeof value === "number") return write(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}
