/** The bar above the table: what is looked for, how it is grouped, what stands beside it. */
import { formatCount } from "../../chart/format";
import { h, type Scope, setText } from "../../panels/dom";
import { icon } from "../../panels/icons";
import type { KnownField, RunPage } from "../../protocol";
import { GROUP_ORDERS, type GroupOrder, groupOrderOf, groupOrderWord } from "../groups";
import { trans } from "../translation";
import { columnOf, ownColumns } from "./columns";
import type { Look } from "./look";

export interface ToolbarEvents {
  searched(text: string): void;
  grouped(field: string): void;
  groupsOrdered(order: GroupOrder): void;
  columns(button: HTMLElement): void;
  charts(on: boolean): void;
  trash(on: boolean): void;
}

/** A key is waited for that long before the server is asked. */
const PAUSE_MS = 60;
const GROUPABLE: ReadonlySet<string> = new Set([
  ...["project", "group", "job_type", "state", "tags", "notebook", "user", "host"],
]);
const MOST_FIELDS = 200;

export class Toolbar {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  private readonly groups = h("select", { class: "nbt-select" });
  private readonly groupOrder = h("select", { class: "nbt-select" });
  private readonly count = h("span", { class: "nbt-rt-count", role: "status" });
  private readonly problem = h("div", { class: "nbt-rt-problem", role: "alert" });
  private readonly meaning = h("span", { class: "nbt-rt-meaning" });
  private readonly chartsButton: HTMLButtonElement;
  private readonly trashButton: HTMLButtonElement;
  private listed = "";

  constructor(
    scope: Scope,
    private readonly look: Look,
    private readonly events: ToolbarEvents,
  ) {
    const label = trans.__("Search runs: part of a name, a regular expression or a filter");
    this.search = h("input", {
      ...{ type: "search", class: "nbt-search-input", "aria-label": label, title: label },
      placeholder: trans.__("Name, or config.lr < 0.1 and state = finished"),
      ...{ spellcheck: "false", autocomplete: "off" },
    });
    this.search.value = look.search;
    this.groups.setAttribute("aria-label", trans.__("Group by"));
    this.groups.title = trans.__("Group by");
    const orderLabel = trans.__("Order of the groups");
    this.groupOrder.setAttribute("aria-label", orderLabel);
    this.groupOrder.title = orderLabel;
    this.groupOrder.append(
      ...GROUP_ORDERS.map((value) => h("option", { value }, groupOrderWord(value))),
    );
    this.groupOrder.value = look.groups;
    this.problem.hidden = true;
    this.chartsButton = toggleButton("chart", trans.__("Charts"), look.charts);
    this.trashButton = toggleButton("trash", trans.__("Trash"), false);
    const columns = h(
      "button",
      { ...{ type: "button", class: "nbt-button", "aria-haspopup": "dialog" } },
      icon("columns"),
      h("span", { class: "nbt-word" }, trans.__("Columns")),
    );
    columns.setAttribute("aria-expanded", "false");
    this.element = h(
      "div",
      { class: "nbt-rt-bar" },
      h("label", { class: "nbt-search" }, icon("search"), this.search, this.meaning),
      this.groups,
      this.groupOrder,
      columns,
      this.count,
      h("span", { class: "nbt-rt-gap" }),
      this.chartsButton,
      this.trashButton,
      this.problem,
    );
    this.listen(scope, columns);
    this.offer([]);
  }

  /** What can be grouped by: the fields of runs, and the values of their configs. */
  offer(fields: readonly KnownField[]): void {
    const { group } = this.look;
    this.groupOrder.hidden = group === "";
    const configs = fields
      .map(({ name }) => name)
      .filter((name) => name.startsWith("config."))
      .slice(0, MOST_FIELDS);
    const own = ownColumns().filter(({ id }) => GROUPABLE.has(id));
    const listed = JSON.stringify([group, configs]);
    if (listed === this.listed) return;
    this.listed = listed;
    const option = (value: string, word: string) => h("option", { value }, word);
    if (group.startsWith("config.") && !configs.includes(group)) configs.unshift(group);
    const found = h("optgroup", { label: "config" });
    found.append(...configs.map((name) => option(name, columnOf(name)?.label ?? name)));
    this.groups.replaceChildren(
      option("", trans.__("No groups")),
      ...own.map(({ id, label }) => option(id, trans.__("By %1", label.toLowerCase()))),
      ...(configs.length > 0 ? [found] : []),
    );
    this.groups.value = group;
  }

  show(page: RunPage): void {
    const { matching, total } = page;
    const all = trans._n("%1 run", "%1 runs", total).replace(String(total), formatCount(total));
    const some = trans.__("%1 of %2", formatCount(matching), all);
    setText(this.count, matching === total ? all : some);
    setText(this.meaning, page.meaning === "filter" ? trans.__("filter") : "");
  }

  refuse(why: string): void {
    this.problem.hidden = why === "";
    setText(this.problem, why);
    if (why === "") this.search.removeAttribute("aria-invalid");
    else this.search.setAttribute("aria-invalid", "true");
  }

  showTrash(on: boolean): void {
    this.trashButton.setAttribute("aria-pressed", String(on));
  }

  private listen(scope: Scope, columns: HTMLButtonElement): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    scope.add(() => clearTimeout(timer));
    scope.listen(this.search, "input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.events.searched(this.search.value), PAUSE_MS);
    });
    scope.listen(this.search, "keydown", (event) => {
      if (event.key !== "Escape" || this.search.value === "") return;
      event.stopPropagation();
      this.search.value = "";
      this.events.searched("");
    });
    scope.listen(this.groups, "change", () => {
      this.groupOrder.hidden = this.groups.value === "";
      this.events.grouped(this.groups.value);
    });
    scope.listen(this.groupOrder, "change", () =>
      this.events.groupsOrdered(groupOrderOf(this.groupOrder.value)),
    );
    scope.listen(columns, "click", () => this.events.columns(columns));
    onToggle(scope, this.chartsButton, (on) => this.events.charts(on));
    onToggle(scope, this.trashButton, (on) => this.events.trash(on));
  }
}

function toggleButton(sign: Parameters<typeof icon>[0], word: string, on: boolean) {
  return h(
    "button",
    { type: "button", class: "nbt-button", "aria-pressed": on, title: word },
    icon(sign),
    h("span", { class: "nbt-word" }, word),
  );
}

function onToggle(scope: Scope, button: HTMLButtonElement, changed: (on: boolean) => void): void {
  scope.listen(button, "click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    changed(on);
  });
}
