/** What can stand where somebody types a filter: names of fields, and what is in them. */
import type { Facet, KnownField } from "../../protocol";

export interface Choices {
  readonly facets: readonly Facet[];
  readonly fields: readonly KnownField[];
}

export interface Completion {
  /** What is shown. */
  readonly word: string;
  /** What takes the place of the text from `from` to the caret. */
  readonly insert: string;
  readonly from: number;
  readonly runs: number | null;
}

const MOST = 8;
/** Fewer where the text may as well be part of a name. */
const MOST_ASIDE = 4;
const TOKEN = /[^\s<>=!~()[\],"']*$/;
const BEGINS_FIELD = /(^|\(|\b(and|or|not))\s*$/i;
const OF_FACET = /(\w+)\s*(?:(?:=|==|!=)\s*["']?|\b(?:not\s+)?in\s*\[[^\]]*?)$/i;
const OWN_FIELDS = [
  ...["state", "tags", "group", "job_type", "project", "notebook", "name", "id", "notes"],
  ...["created_at", "heartbeat_at", "duration", "user", "host", "exit_code", "last_history_step"],
];

/** What fits at the end of `text`, best first; nothing where it is likely part of a name. */
export function completions(text: string, choices: Choices): Completion[] {
  const token = TOKEN.exec(text)?.[0] ?? "";
  const before = text.slice(0, text.length - token.length);
  const name = OF_FACET.exec(before)?.[1]?.toLowerCase() ?? "";
  const facet = choices.facets.find(({ field }) => field === (name === "tag" ? "tags" : name));
  if (facet) return valuesOf(facet, before, token);
  if (!BEGINS_FIELD.test(before)) return [];
  const isAside = before.trim() === "" && !token.includes(".");
  if (isAside && token.length < 2) return [];
  const found = fieldsLike(token, choices.fields, before.length);
  return found.slice(0, isAside ? MOST_ASIDE : MOST);
}

/** A field's name as a filter takes it. */
export function quotedField(name: string): string {
  if (TOKEN.exec(name)?.index === 0 && !name.includes("`")) return name;
  const [tree = "", ...rest] = name.split(".");
  return `${tree}.\`${rest.join(".").replaceAll("`", "")}\``;
}

export function quotedText(text: string): string {
  if (/^[\p{L}_][\p{L}\p{N}_./-]*$/u.test(text) && !CONSTANTS.has(text.toLowerCase())) return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

const CONSTANTS: ReadonlySet<string> = new Set(["true", "false", "none", "null", "and", "or"]);

function valuesOf(facet: Facet, before: string, token: string): Completion[] {
  const quote = /["']$/.exec(before);
  const from = before.length - (quote ? 1 : 0);
  return facet.values
    .filter(({ value }) => value !== "" && value.toLowerCase().includes(token.toLowerCase()))
    .slice(0, MOST)
    .map(({ value, runs }) => ({ word: value, insert: `${quotedText(value)} `, from, runs }));
}

function fieldsLike(token: string, fields: readonly KnownField[], from: number): Completion[] {
  const all = [
    ...fields.map(({ name, runs }) => ({ name, runs })),
    ...OWN_FIELDS.map((name) => ({ name, runs: null })),
  ];
  return all
    .map((field) => ({ ...field, rank: rankOf(field.name.toLowerCase(), token.toLowerCase()) }))
    .filter(({ rank, name }) => rank < 3 && name !== token)
    .sort((one, other) => one.rank - other.rank || (other.runs ?? 0) - (one.runs ?? 0))
    .map(({ name, runs }) => ({ word: name, insert: `${quotedField(name)} `, from, runs }));
}

/** 0 where the name begins so, 1 where its last parts do, 2 where it is inside, else 3. */
function rankOf(name: string, token: string): number {
  if (name.startsWith(token)) return 0;
  const leaf = name.slice(name.indexOf(".") + 1);
  if (leaf.startsWith(token)) return 1;
  return token.length > 2 && name.includes(token) ? 2 : 3;
}
