/** The runs of a comparison as a view knows them. */
import type { ComparedKey, ComparedRun, Comparison, Json } from "../protocol";
import { slotsOf } from "./colours";

export class CompareStore {
  head: Comparison | null = null;
  readonly runs = new Map<string, ComparedRun>();
  /** Uids in the order in which they are drawn first. */
  order: readonly string[] = [];
  private listed: readonly ComparedRun[] = [];
  /** Runs that are compared; not all of them need be known here. */
  total = 0;
  keys: readonly ComparedKey[] = [];
  slots: ReadonlyMap<string, number> = new Map();

  /** Takes a message; returns the runs that it tells of. */
  load(message: Comparison): readonly string[] {
    if (message.full) this.runs.clear();
    for (const run of message.runs) this.runs.set(run.uid, run);
    this.order = message.order.filter((uid) => this.runs.has(uid));
    const there = new Set(this.order);
    for (const uid of this.runs.keys()) if (!there.has(uid)) this.runs.delete(uid);
    this.total = Math.max(message.total, this.order.length);
    this.keys = message.keys;
    this.slots = slotsOf(
      [...this.runs.values()].sort((a, b) => a.started - b.started).map((run) => run.uid),
    );
    this.listed = this.order.flatMap((uid) => this.runs.get(uid) ?? []);
    this.head = message;
    return message.runs.map((run) => run.uid);
  }

  /** The runs in order. */
  list(): readonly ComparedRun[] {
    return this.listed;
  }
}

export type Tree = "config" | "summary";

/** A column of the table, an axis of a plot: one value of every run. */
export interface Column {
  readonly tree: Tree;
  readonly key: string;
}

export function valueIn(run: ComparedRun, { tree, key }: Column): Json | undefined {
  const values = run[tree];
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

/** A text that is equal for equal values. */
export function kindOf(value: Json | undefined): string {
  return value === undefined ? "" : JSON.stringify(value);
}

type Columns = readonly [differing: readonly string[], same: readonly string[]];

/** By list of runs: several tabs ask for the same, and a thousand runs take their time. */
const known = { config: new WeakMap<object, Columns>(), summary: new WeakMap<object, Columns>() };

/** The keys in which runs differ, those with the fewest kinds of values first, and the others. */
export function columnsOf(runs: readonly ComparedRun[], tree: Tree): Columns {
  const found = known[tree].get(runs) ?? findColumns(runs, tree);
  known[tree].set(runs, found);
  return found;
}

function findColumns(runs: readonly ComparedRun[], tree: Tree): Columns {
  const kinds = new Map<string, Set<string>>();
  for (const run of runs) {
    for (const key of Object.keys(run[tree])) kinds.set(key, kinds.get(key) ?? new Set());
  }
  for (const [key, found] of kinds) {
    for (const run of runs) found.add(kindOf(valueIn(run, { tree, key })));
  }
  const differing = [...kinds].filter(([, found]) => found.size > 1);
  differing.sort((a, b) => a[1].size - b[1].size);
  const same = [...kinds].filter(([, found]) => found.size <= 1);
  return [differing.map(([key]) => key), same.map(([key]) => key)];
}
