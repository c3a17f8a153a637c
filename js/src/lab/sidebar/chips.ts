/** The filters that hold, as chips that can be taken off, and the menus that add and sort. */
import { h, Scope } from "../../panels/dom";
import { icon } from "../../panels/icons";
import { type MenuItem, menuButton } from "../../panels/menu";
import { GROUP_ORDERS, groupOrderOf, groupOrderWord } from "../groups";
import { trans } from "../translation";
import type { Choices } from "./complete";
import { FACETS, type FacetName, type Wishes } from "./wishes";

const ORDERS: readonly (readonly [string, string])[] = [
  ["-created_at", "Newest first"],
  ["+created_at", "Oldest first"],
  ["+display_name", "Name"],
  ["-heartbeat_at", "Last active first"],
  ["-duration", "Longest first"],
  ["+state", "State"],
];
const MOST_CHARACTERS = 40;

export interface ChipsOptions {
  readonly wishes: Wishes;
  readonly choices: () => Choices;
  /** Something else is wanted. */
  readonly changed: () => void;
}

export class Chips {
  readonly element = h("div", { class: "nbt-lab-chips" });
  readonly sort: HTMLElement;
  private readonly scope = new Scope();
  private readonly here: HTMLButtonElement;
  private readonly add: HTMLElement;

  constructor(private readonly options: ChipsOptions) {
    this.sort = menuButton(this.scope, "sort", trans.__("Sort runs"), () => this.orders());
    this.add = menuButton(this.scope, "filter", trans.__("Add a filter"), () => this.fields());
    this.here = h(
      "button",
      { class: "nbt-lab-chip", type: "button", "aria-pressed": false },
      trans.__("This notebook"),
    );
    this.here.addEventListener("click", () => {
      const { kept } = options.wishes;
      this.change(() => {
        kept.here = !kept.here;
      });
    });
  }

  /** Draws what is wanted; without a notebook nothing can be about it. */
  draw(hasNotebook: boolean): void {
    const { chips, where, here } = this.options.wishes.kept;
    this.tellOrder();
    this.here.hidden = !hasNotebook && !here;
    this.here.setAttribute("aria-pressed", String(here));
    const values = FACETS.flatMap((field) =>
      (chips.get(field) ?? []).map((value) => this.valueChip(field, value)),
    );
    const filters = where.map((filter) => this.filterChip(filter));
    this.element.replaceChildren(this.add, this.here, ...values, ...filters);
  }

  private tellOrder(): void {
    const { order, groups } = this.options.wishes.kept;
    const [usual] = ORDERS[0] ?? [];
    const byGroups = groupOrderOf(groups);
    const named = ORDERS.find(([one]) => one === order)?.[1];
    const down = order.startsWith("-") ? trans.__("greatest first") : trans.__("least first");
    const runs = named ? trans.__(named) : `${order.slice(1)}, ${down}`;
    const words = byGroups === "newest" ? runs : `${runs}; ${groupOrderWord(byGroups)}`;
    this.sort.toggleAttribute("data-on", order !== usual || byGroups !== "newest");
    this.sort.title = trans.__("Sorted: %1", words);
    this.sort.setAttribute("aria-label", trans.__("Sort runs (%1)", words));
  }

  private valueChip(field: FacetName, value: string): HTMLElement {
    const { wishes } = this.options;
    const word = `${fieldWord(field)}: ${valueWord(field, value)}`;
    return this.chip(word, value, () => wishes.toggle(field, value));
  }

  private filterChip(filter: string): HTMLElement {
    const { kept } = this.options.wishes;
    return this.chip(filter, filter, () => {
      kept.where = kept.where.filter((one) => one !== filter);
    });
  }

  private chip(word: string, title: string, remove: () => void): HTMLElement {
    const label = trans.__("Remove filter %1", word);
    const off = h(
      "button",
      { class: "nbt-lab-icon-button", type: "button", "aria-label": label },
      icon("close"),
    );
    off.addEventListener("click", () => {
      this.change(remove);
      this.here.parentElement?.querySelector<HTMLElement>("button")?.focus();
    });
    return h("span", { class: "nbt-lab-chip", title }, h("span", {}, word), off);
  }

  private change(action: () => void): void {
    action();
    this.options.changed();
  }

  private fields(): MenuItem[] {
    const { facets } = this.options.choices();
    const useful = facets.filter(({ values }) => values.some(({ value }) => value !== ""));
    return useful.map(({ field }) => ({
      word: fieldWord(field),
      rows: () => this.values(field),
    }));
  }

  private values(field: FacetName): MenuItem[] {
    const { wishes, choices } = this.options;
    const values = choices().facets.find((one) => one.field === field)?.values ?? [];
    return values.map(({ value, runs }) => ({
      word: valueWord(field, value),
      key: runs.toLocaleString(),
      on: wishes.has(field, value),
      act: () => this.change(() => wishes.toggle(field, value)),
    }));
  }

  private orders(): MenuItem[] {
    const { wishes, choices } = this.options;
    const rows: MenuItem[] = ORDERS.map(([one, word]) => this.orderRow(one, trans.__(word)));
    rows.push({ word: trans.__("Projects …"), apart: true, rows: () => this.groups() });
    if (choices().fields.length > 0) {
      rows.push({ word: trans.__("By a value …"), rows: () => this.columns() });
    }
    if (wishes.column !== "") {
      rows.push({ ...this.orderRow(`-${wishes.column}`, trans.__("Greatest first")), apart: true });
      rows.push(this.orderRow(`+${wishes.column}`, trans.__("Least first")));
    }
    return rows;
  }

  private groups(): MenuItem[] {
    const { kept } = this.options.wishes;
    return GROUP_ORDERS.map((order) => ({
      word: groupOrderWord(order),
      on: groupOrderOf(kept.groups) === order,
      act: () =>
        this.change(() => {
          kept.groups = order;
        }),
    }));
  }

  private orderRow(order: string, word: string): MenuItem {
    const { kept } = this.options.wishes;
    const act = () =>
      this.change(() => {
        kept.order = order;
      });
    return { word, on: kept.order === order, act };
  }

  /** Numbers first: they are what people sort by. */
  private columns(): MenuItem[] {
    const { fields } = this.options.choices();
    const numbers = fields.filter(({ kind }) => kind === "number");
    const others = fields.filter(({ kind }) => kind !== "number");
    return [...numbers, ...others].map(({ name, kind, runs }) => ({
      ...this.orderRow(kind === "number" ? `-${name}` : `+${name}`, name),
      key: runs.toLocaleString(),
    }));
  }
}

function fieldWord(field: FacetName): string {
  const words: Readonly<Record<FacetName, string>> = {
    state: trans.__("State"),
    tags: trans.__("Tag"),
    group: trans.__("Group"),
    job_type: trans.__("Job type"),
    project: trans.__("Project"),
    notebook: trans.__("Notebook"),
  };
  return words[field];
}

function valueWord(field: FacetName, value: string): string {
  if (value === "") return trans.__("(none)");
  const word = field === "notebook" ? (value.split("/").pop() ?? value) : value;
  return word.length > MOST_CHARACTERS ? `${word.slice(0, MOST_CHARACTERS)}…` : word;
}
