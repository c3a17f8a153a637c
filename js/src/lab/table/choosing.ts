/** The list from which columns are chosen: searched, ticked, moved up and down. */
import { h, matcher, setText } from "../../panels/dom";
import type { KnownField } from "../../protocol";
import { trans } from "../translation";
import { type Column, columnOf, ownColumns } from "./columns";
import type { Look } from "./look";

export interface Chooser {
  readonly look: Look;
  readonly fields: readonly KnownField[];
  readonly changed: () => void;
}

/** So many are listed; a search finds the others. */
const MOST_LISTED = 300;

export function columnChooser({ look, fields, changed }: Chooser): HTMLElement {
  const search = h("input", {
    ...{ class: "nbt-rt-find", type: "search", placeholder: trans.__("Search columns") },
    "aria-label": trans.__("Search columns"),
  });
  const list = h("div", { class: "nbt-rt-choices", role: "group" });
  list.setAttribute("aria-label", trans.__("Columns"));
  const more = h("div", { class: "nbt-quiet" });
  const all = allColumns(look, fields);
  const draw = () => {
    const pattern = matcher(search.value.trim());
    const found = all.filter(({ column }) => pattern === null || pattern.test(column.id));
    const shown = found.slice(0, MOST_LISTED);
    list.replaceChildren(...shown.map((one) => choice(one, look, changed)));
    const left = found.length - shown.length;
    setText(more, left > 0 ? trans._n("%1 more: search", "%1 more: search", left) : "");
    if (found.length === 0) setText(more, trans.__("No column has a name like this."));
  };
  search.addEventListener("input", draw);
  list.addEventListener("keydown", (event) => walk(event, list));
  draw();
  return h("div", { class: "nbt-rt-chooser" }, search, list, more);
}

interface Known {
  readonly column: Column;
  /** How many runs have it, null for what every run has. */
  readonly runs: number | null;
}

/** Those that are shown first, then those that every run has, then the others. */
function allColumns(look: Look, fields: readonly KnownField[]): Known[] {
  const counts = new Map(fields.map(({ name, runs }) => [name, runs]));
  const ids = [...look.columns, ...ownColumns().map(({ id }) => id), ...counts.keys()];
  return [...new Set(ids)].flatMap((id) => {
    const column = columnOf(id);
    return column ? [{ column, runs: counts.get(id) ?? null }] : [];
  });
}

function choice({ column, runs }: Known, look: Look, changed: () => void): HTMLElement {
  const box = h("input", { type: "checkbox" });
  box.checked = look.columns.includes(column.id);
  box.addEventListener("change", () => {
    look.columns = box.checked
      ? [...look.columns, column.id]
      : look.columns.filter((id) => id !== column.id);
    look.chosen = true;
    changed();
  });
  const tree = column.id.endsWith(column.label) ? column.id.slice(0, -column.label.length) : "";
  const name = h("span", { class: "nbt-rt-choice-name" });
  if (tree !== "" && tree !== column.id) name.append(h("span", { class: "nbt-quiet" }, tree));
  name.append(column.label);
  name.title = column.id;
  const count = h("span", { class: "nbt-rt-choice-count" });
  if (runs !== null) setText(count, trans._n("%1 run", "%1 runs", runs));
  return h("label", { class: "nbt-rt-choice" }, box, name, count);
}

function walk(event: KeyboardEvent, list: HTMLElement): void {
  const side = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (side === 0) return;
  const boxes = [...list.querySelectorAll<HTMLElement>("input")];
  const at = boxes.indexOf(document.activeElement as HTMLElement);
  boxes[at + side]?.focus();
  event.preventDefault();
}
