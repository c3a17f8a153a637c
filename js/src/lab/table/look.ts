/** How somebody looks at the table: kept in the browser's storage, checked when it is read. */
import { type GroupOrder, groupOrderOf } from "../groups";
import { columnOf, LEAST_WIDTH, MOST_WIDTH, USUAL, USUALLY_PINNED } from "./columns";

export interface Look {
  /** Ids of the columns from left to right, pinned ones first. */
  columns: string[];
  pinned: Set<string>;
  /** Pixels, of the columns that somebody has made wider or narrower. */
  widths: Map<string, number>;
  /** Fields with + or - before them; the first decides, the next ones among equals. */
  order: string[];
  /** The field that makes groups, "" for none. */
  group: string;
  groups: GroupOrder;
  /** Whether charts stand beside the table, and the share of the width that they take. */
  charts: boolean;
  chartsShare: number;
  search: string;
  /** Whether somebody chose columns: until then those of the runs' values are added. */
  chosen: boolean;
}

const KEY = "nbtrack.table:";
const MOST_COLUMNS = 200;
const MOST_ORDERS = 4;
const MOST_CHARACTERS = 4_000;

export function usualLook(): Look {
  return {
    columns: [...USUAL],
    pinned: new Set(USUALLY_PINNED),
    widths: new Map(),
    order: ["-created_at"],
    group: "",
    groups: "newest",
    charts: false,
    chartsShare: 0.42,
    search: "",
    chosen: false,
  };
}

/**
 * The look that was kept, as far as it can be believed.
 *
 * @param place which server's: several may have the same origin.
 */
export function keptLook(place: string, storage: Pick<Storage, "getItem"> = localStorage): Look {
  try {
    return lookOf(JSON.parse(storage.getItem(KEY + place) ?? "{}"));
  } catch {
    return usualLook();
  }
}

export function keepLook(
  place: string,
  look: Look,
  storage: Pick<Storage, "setItem"> = localStorage,
): void {
  const plain = { ...look, pinned: [...look.pinned], widths: Object.fromEntries(look.widths) };
  try {
    storage.setItem(KEY + place, JSON.stringify(plain));
  } catch {
    // A full or forbidden storage must not end anything.
  }
}

/** Puts what was read into the shape of a look; what is of another kind counts as missing. */
export function lookOf(said: unknown): Look {
  const look = usualLook();
  if (typeof said !== "object" || said === null) return look;
  const read = said as Record<string, unknown>;
  const columns = texts(read.columns).filter((id) => columnOf(id) !== undefined);
  if (columns.length > 0) look.columns = [...new Set(columns)].slice(0, MOST_COLUMNS);
  if (Array.isArray(read.pinned)) look.pinned = new Set(texts(read.pinned));
  look.widths = widthsOf(read.widths);
  const order = texts(read.order).filter(isOrder);
  if (order.length > 0) look.order = order.slice(0, MOST_ORDERS);
  if (typeof read.group === "string" && columnOf(read.group)) look.group = read.group;
  look.groups = groupOrderOf(read.groups);
  if (typeof read.charts === "boolean") look.charts = read.charts;
  if (typeof read.chosen === "boolean") look.chosen = read.chosen;
  const share = read.chartsShare;
  if (typeof share === "number" && share >= 0.15 && share <= 0.85) look.chartsShare = share;
  if (typeof read.search === "string") look.search = read.search.slice(0, MOST_CHARACTERS);
  look.columns = pinnedFirst(look.columns, look.pinned);
  return look;
}

/** Pinned columns stand before the others; among themselves all keep their order. */
export function pinnedFirst(columns: readonly string[], pinned: ReadonlySet<string>): string[] {
  return [...columns.filter((id) => pinned.has(id)), ...columns.filter((id) => !pinned.has(id))];
}

/** Moves a column before another one, or to the end for null; both stay pinned or not. */
export function moved(look: Look, id: string, before: string | null): string[] {
  const rest = look.columns.filter((one) => one !== id);
  const at = before === null ? rest.length : rest.indexOf(before);
  rest.splice(at < 0 ? rest.length : at, 0, id);
  return pinnedFirst(rest, look.pinned);
}

/** The order after a click on a header: up, down, and by a further field among equals. */
export function turned(order: readonly string[], id: string, further: boolean): string[] {
  const now = order.find((one) => one.slice(1) === id);
  const next = now === undefined ? (DESCENDING.has(id) ? `-${id}` : `+${id}`) : flipped(now);
  if (!further) return [next];
  const at = order.findIndex((one) => one.slice(1) === id);
  if (at < 0) return [...order, next].slice(-MOST_ORDERS);
  return order.map((one, index) => (index === at ? next : one));
}

/** What people look for first: the newest, the longest. */
const DESCENDING: ReadonlySet<string> = new Set(["created_at", "duration", "last_history_step"]);

function flipped(one: string): string {
  return (one.startsWith("-") ? "+" : "-") + one.slice(1);
}

function isOrder(text: string): boolean {
  return /^[+-]/.test(text) && columnOf(text.slice(1))?.isSortable === true;
}

function texts(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((one): one is string => typeof one === "string" && one.length < 1_000)
    : [];
}

function widthsOf(value: unknown): Map<string, number> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return new Map();
  const entries = Object.entries(value).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number" && Number.isFinite(entry[1]),
  );
  return new Map(entries.map(([id, width]) => [id, clampedWidth(width)]));
}

export function clampedWidth(width: number): number {
  return Math.round(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, width)));
}
