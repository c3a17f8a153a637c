/** What is likely a slip in a filter that no run meets: a value or a field that none has. */
import type { Facet, RunPage } from "../protocol";
import type { Choices } from "./sidebar/complete";
import { trans } from "./translation";

const QUOTED = /"[^"]*"|'[^']*'/g;
const VALUE = /\b(config|summary)\.(?:`([^`]+)`|([^\s<>=!~()[\],"'`]+))/g;
const TEST = /\b(\w+)\s*==?\s*(?:"([^"]*)"|'([^']*)'|([^\s()[\],"']+))/g;
/**
 * The server names no more fields than that: of others it is not known whether a run has them.
 * Nor is it while none is known: the answer may be on its way.
 */
const MOST_FIELDS = 2_000;
const MOST_NAMED = 4;

export function isUnmet({ meaning, matching }: Pick<RunPage, "meaning" | "matching">): boolean {
  return meaning === "filter" && matching === 0;
}

/** The first slip of a filter, in words; "" where there is none that can be seen. */
export function slipIn(filter: string, { facets, fields }: Choices): string {
  const has = (name: string) =>
    fields.some((one) => one.name === name || one.name.startsWith(`${name}.`));
  if (fields.length > 0 && fields.length < MOST_FIELDS) {
    for (const [, tree, quoted, plain] of filter.replace(QUOTED, '""').matchAll(VALUE)) {
      const name = `${tree}.${quoted ?? plain}`;
      if (!has(name)) return trans.__("no run has %1", name);
    }
  }
  for (const [, name = "", ...values] of filter.matchAll(TEST)) {
    const facet = facets.find(({ field }) => field === (name === "tag" ? "tags" : name));
    const value = values.find((one) => one !== undefined) ?? "";
    if (facet && value !== "" && facet.left_out === 0) {
      const slip = strangeTo(facet, name === "tags" ? "tag" : name, value);
      if (slip !== "") return slip;
    }
  }
  return "";
}

function strangeTo({ values }: Facet, name: string, text: string): string {
  if (values.some(({ value }) => value === text)) return "";
  const known = values.filter(({ value }) => value !== "").map(({ value }) => value);
  const some = known.slice(0, MOST_NAMED).join(", ");
  const more = known.length > MOST_NAMED ? ", …" : "";
  return some === ""
    ? trans.__("no run has a %1", name)
    : trans.__("no run has the %1 %2; there are %3", name, text, some + more);
}
