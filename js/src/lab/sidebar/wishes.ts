/** What a person wants to see of the list of runs, kept from one visit to the next. */
import type { Ask } from "../../data";
import { keep, kept, renew } from "../../panels/keeping";
import type { Facet } from "../../protocol";
import { groupOrderOf } from "../groups";
import type { Makers } from "../notebooks";

export type FacetName = Facet["field"];

const SHELF = "sidebar";
const NEWEST_FIRST = "-created_at";
/** So many dismissed warnings are remembered; older ones were about older runs. */
const MOST_DISMISSED = 100;

/** The fields that chips can be about. */
export const FACETS: readonly FacetName[] = [
  "state",
  "tags",
  "group",
  "job_type",
  "project",
  "notebook",
];

export class Wishes {
  readonly kept: {
    search: string;
    where: string[];
    chips: Map<string, string[]>;
    order: string;
    groups: string;
    folded: Set<string>;
    here: boolean;
    dismissed: Set<string>;
  };

  constructor() {
    this.kept = kept(SHELF, {
      search: "",
      where: [],
      chips: new Map(),
      order: NEWEST_FIRST,
      groups: "newest",
      folded: new Set(),
      here: false,
      dismissed: new Set(),
    });
    renew(SHELF, this.kept);
  }

  save(): void {
    const { kept } = this;
    for (const oldest of [...kept.dismissed].slice(0, -MOST_DISMISSED)) {
      kept.dismissed.delete(oldest);
    }
    keep(SHELF, kept);
  }

  get narrows(): boolean {
    const { search, where, chips, here } = this.kept;
    return search.trim() !== "" || where.length > 0 || chips.size > 0 || here;
  }

  /** The value by which runs are put in order, "" where that is no value of theirs. */
  get column(): string {
    const field = this.kept.order.replace(/^[+-]/, "");
    return /^(config|summary)\./.test(field) ? field : "";
  }

  clear(): void {
    Object.assign(this.kept, { search: "", where: [], chips: new Map(), here: false });
  }

  has(field: FacetName, value: string): boolean {
    return this.kept.chips.get(field)?.includes(value) ?? false;
  }

  toggle(field: FacetName, value: string): void {
    const { chips } = this.kept;
    const values = chips.get(field) ?? [];
    const others = values.filter((one) => one !== value);
    if (others.length === values.length) chips.set(field, [...values, value]);
    else if (others.length > 0) chips.set(field, others);
    else chips.delete(field);
  }

  /** The question for the server; `makers` tell the notebook in front, if there is one. */
  question(makers: Makers | null): Omit<Ask & { op: "browse" }, "view"> {
    const { search, where, chips, order, groups, folded, here } = this.kept;
    const only = Object.fromEntries(FACETS.flatMap((field) => pair(field, chips.get(field))));
    if (here && makers !== null) Object.assign(only, makers);
    const columns = this.column === "" ? [] : [this.column];
    return {
      ...{ op: "browse", search, where, only, order, columns },
      ...{ group_by: ["project"], groups: groupOrderOf(groups), folded: [...folded] },
    };
  }
}

function pair(field: FacetName, values: string[] | undefined): [string, string[]][] {
  return values ? [[field, values]] : [];
}
