/** What a run is: its facts, its configuration, its results, and what nbtrack has to say. */
import { formatCount, formatDuration, formatExact, formatMoment } from "../chart";
import type { Change } from "../data";
import type { Json, JsonObject, NoticeHead, RunHead } from "../protocol";
import { h } from "./dom";
import { icon, stateBadge } from "./icons";
import type { Tab, TabContext } from "./tab";

type Row = readonly [name: string, value: string | Node];

export class OverviewTab implements Tab {
  readonly element = h("div", { class: "nbt-overview" });
  readonly tools = h("div", { class: "nbt-tools" });
  private drawn: RunHead | null = null;

  constructor(private readonly context: TabContext) {}

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

  count(): string {
    return "";
  }

  private draw(): void {
    const { run } = this.context.feed.store;
    // Hidden, it waits: a summary of a thousand keys changes with each row.
    if (!run || run === this.drawn || this.element.closest("[hidden]")) return;
    this.drawn = run;
    this.element.replaceChildren(
      ...run.notices.map(noticeRow),
      h(
        "div",
        { class: "nbt-columns" },
        table("Run", factsOf(run), "facts"),
        table("Summary", flat(run.summary, rounded), "values"),
        table("Config", flat(run.config, String), "values"),
      ),
    );
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

function table(title: string, rows: readonly Row[], kind: string): HTMLElement {
  const body = rows.map(([name, value]) =>
    h("div", {}, h("dt", { title: name }, name), h("dd", {}, value)),
  );
  const content =
    rows.length > 0
      ? h("dl", { class: "nbt-table", "data-kind": kind }, ...body)
      : h("p", { class: "nbt-quiet" }, `No ${title.toLowerCase()} yet.`);
  const count = kind === "values" && rows.length > 0 ? String(rows.length) : "";
  return h(
    "section",
    { class: "nbt-table-box" },
    h("h3", {}, title, h("span", { class: "nbt-count" }, count)),
    content,
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

/** Nested values under their dotted names, in their order. */
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

/** What was measured is rounded; what was configured is shown as it was written. */
const rounded = formatExact;

function written(value: Json, write: (value: number) => string): string {
  if (typeof value === "number") return write(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}
