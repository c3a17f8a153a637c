/** The columns that a table of runs can have: what stands in them and how it is said. */
import { formatCount, formatMoment, formatValue } from "../../chart/format";
import { shortText, wholeText } from "../../compare/words";
import type { Json, RunRow } from "../../protocol";

export type CellKind =
  | "name"
  | "state"
  | "tags"
  | "notes"
  | "text"
  | "age"
  | "duration"
  | "count"
  | "spark"
  | "value";

export interface Column {
  /** Its name as filters and orders write it; what is remembered of it. */
  readonly id: string;
  readonly label: string;
  readonly kind: CellKind;
  /** Usual width, pixels. */
  readonly width: number;
  /** Numbers stand to the right. */
  readonly isNumber: boolean;
  readonly isSortable: boolean;
  /** What `Edit` calls it, where a run can be given another one. */
  readonly editable?: "name" | "notes" | "tags";
}

export const LEAST_WIDTH = 48;
export const MOST_WIDTH = 900;

const own = (
  id: string,
  label: string,
  kind: CellKind,
  width: number,
  more: Partial<Column> = {},
): Column => ({
  ...{ id, label, kind, width, isSortable: true },
  isNumber: kind === "age" || kind === "duration" || kind === "count",
  ...more,
});

/** What every run has. */
const OWN: readonly Column[] = [
  own("name", "Name", "name", 210, { editable: "name" }),
  own("state", "State", "state", 104),
  own("created_at", "Started", "age", 94),
  own("duration", "Duration", "duration", 116),
  own("spark", "Course", "spark", 148, { isSortable: false }),
  own("tags", "Tags", "tags", 132, { editable: "tags" }),
  own("notes", "Notes", "notes", 200, { editable: "notes" }),
  own("last_history_step", "Step", "count", 76),
  own("project", "Project", "text", 120),
  own("group", "Group", "text", 110),
  own("job_type", "Job type", "text", 100),
  own("notebook", "Notebook", "text", 180),
  own("user", "User", "text", 100),
  own("host", "Host", "text", 120),
  own("id", "ID", "text", 96),
];

const BY_ID: ReadonlyMap<string, Column> = new Map(OWN.map((column) => [column.id, column]));

/** Columns that are there before anybody chose others. */
export const USUAL: readonly string[] = [
  ...["name", "state", "created_at", "duration", "spark", "tags"],
];
/** Those that stay when the others are scrolled. */
export const USUALLY_PINNED: readonly string[] = ["name"];

const TREES = /^(config|summary)\.(.+)$/s;

export function ownColumns(): readonly Column[] {
  return OWN;
}

/** The column of an id; undefined where there is no such field. */
export function columnOf(id: string): Column | undefined {
  const known = BY_ID.get(id);
  if (known) return known;
  const label = TREES.exec(id)?.[2];
  if (label === undefined) return undefined;
  return { id, label, kind: "value", width: 112, isNumber: false, isSortable: true };
}

/** Which tree a column is of, "" for none. */
export function treeOf(id: string): string {
  return TREES.exec(id)?.[1] ?? "";
}

/** What has to come along with rows for these columns: the fields that rows have not. */
export function wantedOf(columns: readonly Column[]): string[] {
  const always = new Set(["user", "host", "notes"]);
  return columns.filter(({ id, kind }) => kind === "value" || always.has(id)).map(({ id }) => id);
}

/** What a run has in a column. */
export function valueIn(run: RunRow, column: Column): Json | undefined {
  switch (column.id) {
    case "name":
      return run.name || run.id;
    case "created_at":
      return run.started;
    case "duration":
      return run.active;
    case "last_history_step":
      return run.step ?? undefined;
    case "spark":
      return undefined;
    case "state":
    case "project":
    case "group":
    case "job_type":
    case "id":
      return run[column.id];
    case "tags":
      return run.tags;
    case "notebook":
      return run.notebook ?? undefined;
    default: {
      const values = run.values ?? {};
      return Object.hasOwn(values, column.id) ? values[column.id] : undefined;
    }
  }
}

/** A value in its cell. */
export function cellText(column: Column, value: Json | undefined): string {
  if (value === undefined || value === null) return value === null ? "null" : "";
  if (column.kind === "count" && typeof value === "number") return formatCount(value);
  if (column.kind === "notes") return String(value).split("\n", 1)[0] ?? "";
  // What was measured keeps its digits, what somebody wrote has those that were written.
  if (typeof value === "number" && treeOf(column.id) === "summary") return formatValue(value);
  return shortText(value);
}

/** All of a value, for the tip of its cell. */
export function wholeCellText(column: Column, value: Json | undefined): string {
  if (value === undefined) return "";
  if (column.kind === "age" && typeof value === "number") return formatMoment(value);
  if (column.kind === "tags" && Array.isArray(value)) return value.join(", ");
  return wholeText(value);
}

/** Whether a value stands to the right: numbers, and the names of those that JSON cannot say. */
export function standsRight(column: Column, value: Json | undefined): boolean {
  if (column.isNumber) return true;
  return typeof value === "number" || value === "NaN" || /^-?Infinity$/.test(String(value));
}
