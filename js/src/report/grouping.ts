/** Runs in groups, as `query/comparing/grouping.py` makes them: those that agree in some fields. */
import type { ComparedRun, Json } from "../protocol";

const NOTHING = "(none)";
const SHORT: Readonly<Record<string, string>> = { tag: "tags", jobType: "job_type" };
const OWN = ["group", "job_type", "tags", "state"] as const;

export interface Groups {
  /** In the order of their values; one without a name where nothing makes groups. */
  readonly names: readonly string[];
  readonly numberOf: ReadonlyMap<string, number>;
}

/** Puts runs into groups; by no field all of them are one. */
export function groupsOf(runs: readonly ComparedRun[], fields: readonly string[]): Groups {
  const found = new Map<string, { readonly values: readonly Json[]; readonly uids: string[] }>();
  for (const run of runs) {
    const values = fields.map((field) => fieldOf(run, field));
    const name = JSON.stringify(values);
    const group = found.get(name) ?? { values, uids: [] };
    group.uids.push(run.uid);
    found.set(name, group);
  }
  const sorted = [...found.values()].sort((a, b) => inOrder(a.values, b.values));
  return {
    names: sorted.map(({ values }) => nameOf(fields, values)),
    numberOf: new Map(sorted.flatMap(({ uids }, i) => uids.map((uid) => [uid, i] as const))),
  };
}

/** A key of the config may stand for itself; what a run lacks is null. */
function fieldOf(run: ComparedRun, field: string): Json {
  const name = SHORT[field] ?? field;
  const own = OWN.find((one) => one === name);
  if (own) return own === "tags" ? [...run.tags] : run[own];
  const [, tree, key] = /^(config|summary)(?:_metrics)?\.(.*)$/.exec(name) ?? ["", "config", name];
  const values = tree === "summary" ? run.summary : run.config;
  return Object.hasOwn(values, key as string) ? (values[key as string] ?? null) : null;
}

function nameOf(fields: readonly string[], values: readonly Json[]): string {
  if (fields.length === 1) return textOf(values[0]);
  return fields
    .map((field, i) => `${field.replace(/^config\./, "")}=${textOf(values[i])}`)
    .join(", ");
}

function textOf(value: Json | undefined): string {
  const isNothing = value === undefined || value === null || value === "";
  if (isNothing || (Array.isArray(value) && value.length === 0)) return NOTHING;
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Numbers come first, then texts, then nothing. */
function inOrder(a: readonly Json[], b: readonly Json[]): number {
  for (let i = 0; i < a.length; i++) {
    const [one, other] = [rankOf(a[i]), rankOf(b[i])];
    if (one[0] !== other[0]) return one[0] - other[0];
    if (one[1] !== other[1]) return one[1] - other[1];
    if (one[2] !== other[2]) return one[2] < other[2] ? -1 : 1;
  }
  return 0;
}

function rankOf(value: Json | undefined): [number, number, string] {
  if (value === null || value === undefined) return [2, 0, ""];
  if (typeof value === "number" || typeof value === "boolean") return [0, Number(value), ""];
  return [1, 0, textOf(value)];
}
