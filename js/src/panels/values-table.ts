/**
 * The config or the summary: nested keys under their dotted names, those that are pinned
 * first, searchable. What does not change is left alone, so that text can be selected.
 */
import type { Json, JsonObject } from "../protocol";
import { h, matcher, type Scope, setText } from "./dom";
import { copyButton } from "./saving";
import { arrange, focusIn } from "./staying";
import { searchField } from "./tools";

/** Below so many rows nobody needs a search. */
const FEW = 8;
const MOST_ROWS = 400;
/** Longer values are shown in part. */
const LONG = 140;
const OPERATIONS: ReadonlySet<string> = new Set(["min", "max", "mean", "best", "first", "last"]);

export type Write = (value: number) => string;

/** A value under its dotted name. */
export interface Row {
  readonly name: string;
  readonly value: Json;
  readonly pinned: boolean;
}

/** A row in the page. */
interface Line {
  readonly element: HTMLElement;
  readonly value: HTMLElement;
  /** The value that it says, as text. */
  said: string | null;
}

export class ValuesTable {
  readonly element: HTMLElement;
  private readonly count = h("span", { class: "nbt-count" });
  private readonly list = h("dl", { class: "nbt-table", "data-kind": "values" });
  private readonly nothing = h("p", { class: "nbt-quiet" });
  private readonly more = h("button", { type: "button", class: "nbt-button", hidden: true });
  private readonly search: HTMLElement;
  private pattern: RegExp | null = null;
  private all = false;
  private rows: readonly Row[] = [];
  private lines = new Map<string, Line>();
  private readonly open = new Set<string>();

  constructor(
    scope: Scope,
    private readonly title: string,
    private readonly write: Write,
  ) {
    this.search = searchField(scope, `Search ${title.toLowerCase()}`, "", (text) => {
      this.pattern = matcher(text);
      this.draw();
    });
    scope.listen(this.more, "click", () => {
      this.all = true;
      this.draw();
    });
    const copy = copyButton(`${title} as JSON`, () => JSON.stringify(this.values, null, 2));
    const head = h(
      "div",
      { class: "nbt-table-head" },
      h("h3", {}, title, this.count),
      this.search,
      copy,
    );
    this.element = h(
      "section",
      { class: "nbt-table-box", "aria-label": title },
      ...[head, this.list, this.nothing, this.more],
    );
  }

  private values: JsonObject = {};

  show(values: JsonObject, pinned: readonly string[] = []): void {
    if (values === this.values && this.lines.size > 0) return;
    this.values = values;
    const rows = flat(values, new Set(pinned));
    this.rows = [...rows.filter((row) => row.pinned), ...rows.filter((row) => !row.pinned)];
    this.draw();
  }

  private draw(): void {
    const { pattern, rows } = this;
    const found = pattern ? rows.filter((row) => pattern.test(row.name)) : rows;
    const shown = this.all ? found : found.slice(0, MOST_ROWS);
    this.search.hidden = rows.length < FEW;
    this.nothing.hidden = found.length > 0;
    const title = this.title.toLowerCase();
    setText(this.nothing, rows.length > 0 ? "No key matches." : `No ${title} yet.`);
    setText(this.count, rows.length > 0 ? ofAll(found.length, rows.length) : "");
    this.more.hidden = shown.length === found.length;
    setText(this.more, `Show all ${found.length}`);
    const before = this.lines;
    this.lines = new Map();
    for (const row of shown) {
      // A name with a dot may stand there twice: `{"a.b": 1, "a": {"b": 2}}`.
      const key = this.lines.has(row.name) ? `${row.name}\n${this.lines.size}` : row.name;
      this.lines.set(key, this.line(row, before.get(key) ?? this.newLine(row.name)));
    }
    arrange(
      this.list,
      Array.from(this.lines.values(), ({ element }) => element),
    );
  }

  /** A row stays while its value changes. */
  private line(row: Row, line: Line): Line {
    line.element.toggleAttribute("data-pinned", row.pinned);
    const said = JSON.stringify(row.value);
    if (line.said !== said) {
      const wasMore = focusIn(line.value) !== null;
      line.value.replaceChildren(...this.shownOf(row));
      if (wasMore) line.value.querySelector("button")?.focus({ preventScroll: true });
    }
    line.said = said;
    return line;
  }

  private newLine(name: string): Line {
    const value = h("span", { class: "nbt-value" });
    const term = h("dt", { title: name }, ...dotted(name));
    const element = h("div", {}, term, h("dd", {}, value, this.copier(name)));
    return { element, value, said: null };
  }

  /** Reads the value when it is pressed: it may be another one by then. */
  private copier(name: string): HTMLElement {
    return copyButton(name, () => {
      const value = this.rows.find((row) => row.name === name)?.value ?? null;
      return typeof value === "string" ? value : JSON.stringify(value);
    });
  }

  private shownOf({ name, value }: Row): (Node | string)[] {
    if (isAggregate(value)) {
      return [
        h(
          "span",
          { class: "nbt-aggregates" },
          ...Object.entries(value).map(([word, one]) =>
            h("span", {}, h("small", {}, word), written(one, this.write)),
          ),
        ),
      ];
    }
    const text = written(value, this.write);
    if (text.length <= LONG) return [h("span", {}, text)];
    return [this.long(name, text)];
  }

  private long(name: string, text: string): HTMLElement {
    const isOpen = this.open.has(name);
    const part = isOpen ? text : `${text.slice(0, LONG)}…`;
    const words = isOpen ? "Less" : "More";
    const button = h(
      "button",
      { type: "button", class: "nbt-more", "aria-expanded": isOpen },
      words,
    );
    const box = h("span", {}, part, " ", button);
    button.addEventListener("click", () => {
      if (isOpen) this.open.delete(name);
      else this.open.add(name);
      const again = this.long(name, text);
      box.replaceWith(again);
      again.querySelector("button")?.focus();
    });
    return box;
  }
}

function ofAll(found: number, all: number): string {
  return found === all ? String(all) : `${found} of ${all}`;
}

/** A dotted name whose last part stands out. */
function dotted(name: string): (Node | string)[] {
  const at = name.lastIndexOf(".") + 1;
  return at === 0 ? [name] : [h("span", { class: "nbt-quiet" }, name.slice(0, at)), name.slice(at)];
}

/**
 * Nested values under their dotted names, in their order. What `define_metric` keeps of one
 * metric stays together.
 */
export function flat(
  values: JsonObject,
  pinned: ReadonlySet<string> = new Set(),
  prefix = "",
): Row[] {
  return Object.entries(values).flatMap(([key, value]): Row[] => {
    const name = prefix + key;
    const isPinned = pinned.has(name) || [...pinned].some((one) => name.startsWith(`${one}.`));
    if (!isObject(value) || Object.keys(value).length === 0 || isAggregate(value)) {
      return [{ name, value, pinned: isPinned }];
    }
    return flat(value, pinned, `${name}.`);
  });
}

function isAggregate(value: Json): value is JsonObject {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return (
    keys.length > 0 && keys.every((key) => OPERATIONS.has(key) && !isObject(value[key] ?? null))
  );
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param write how a number is written: rounded where it was measured, as it is in a config. */
export function written(value: Json, write: Write): string {
  if (typeof value === "number") return write(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}
