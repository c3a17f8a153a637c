/** The one field that takes names and filters, tells which it took, and completes the latter. */
import { h, Scope, setText } from "../../panels/dom";
import { icon } from "../../panels/icons";
import { trans } from "../translation";
import { type Choices, type Completion, completions } from "./complete";

export interface SearchOptions {
  readonly changed: (text: string) => void;
  /** Enter was pressed. */
  readonly entered: () => void;
  /** The arrow key leads out of the field. */
  readonly left: () => void;
  /** Somebody begins to type. */
  readonly begun: () => void;
  /** What there is to choose from. */
  readonly choices: () => Choices;
}

let count = 0;

export class SearchField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  /** What is said of the search stands where there is room for it. */
  readonly said = h("div", { class: "nbt-lab-said", role: "status" });
  private readonly list = h("ul", { class: "nbt-lab-completions", role: "listbox" });
  private readonly scope = new Scope();
  private shown: Completion[] = [];
  private at = -1;

  constructor(private readonly options: SearchOptions) {
    const id = `nbt-lab-completions-${++count}`;
    this.input = h("input", {
      ...{ class: "nbt-lab-search", type: "text", role: "combobox", spellcheck: "false" },
      ...{ autocomplete: "off", placeholder: trans.__("Name or filter") },
      "aria-label": trans.__("Search runs by name (regular expression) or by a filter"),
      ...{ "aria-expanded": false, "aria-controls": id, "aria-autocomplete": "list" },
    });
    this.list.id = id;
    this.list.hidden = true;
    this.list.setAttribute("aria-label", trans.__("Fields and values"));
    const clear = h(
      "button",
      { class: "nbt-lab-icon-button", type: "button", "aria-label": trans.__("Clear the search") },
      icon("close"),
    );
    const box = h("div", { class: "nbt-lab-search-box" }, icon("search"), this.input, clear);
    this.element = h("div", { class: "nbt-lab-searching" }, box, this.list);
    this.scope.listen(clear, "click", () => this.type(""));
    this.scope.listen(this.input, "input", () => this.typed());
    this.scope.listen(this.input, "keydown", (event) => this.keyed(event));
    this.scope.listen(this.input, "focus", () => this.options.begun());
    this.scope.listen(this.input, "blur", () => this.offer([]));
  }

  get text(): string {
    return this.input.value;
  }

  /** Writes into the field as if somebody had typed it. */
  type(text: string): void {
    this.input.value = text;
    this.offer([]);
    this.options.changed(text);
    this.input.focus();
  }

  /** What stands below the field: how it was understood, or quietly what is wrong. */
  say(words: string, isWrong = false): void {
    setText(this.said, words);
    this.said.title = isWrong ? words : "";
    this.said.toggleAttribute("data-wrong", isWrong);
    if (isWrong) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  private typed(): void {
    this.at = -1;
    this.options.changed(this.text);
    this.complete();
  }

  /** Offers what fits, unless somebody is about to choose. */
  private complete(): void {
    if (this.at >= 0 || document.activeElement !== this.input) return;
    const isAtEnd = this.input.selectionStart === this.text.length;
    this.offer(isAtEnd ? completions(this.text, this.options.choices()) : []);
  }

  private offer(found: Completion[]): void {
    this.shown = found;
    this.at = -1;
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(...found.map((one, index) => this.option(one, index)));
  }

  private option(one: Completion, index: number): HTMLElement {
    const runs = one.runs === null ? "" : one.runs.toLocaleString();
    const row = h(
      "li",
      { role: "option", id: `${this.list.id}-${index}`, "aria-selected": false },
      h("span", {}, one.word),
      h("span", { class: "nbt-lab-count", "aria-hidden": true }, runs),
    );
    row.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.take(one);
    });
    return row;
  }

  private take({ from, insert }: Completion): void {
    this.input.value = this.text.slice(0, from) + insert;
    this.input.focus();
    this.typed();
  }

  private point(at: number): void {
    this.at = at;
    [...this.list.children].forEach((row, index) => {
      row.setAttribute("aria-selected", String(index === at));
      if (index === at) this.input.setAttribute("aria-activedescendant", row.id);
    });
    if (at < 0) this.input.removeAttribute("aria-activedescendant");
  }

  /** Keys go through the completions while there are any, else on to the list of runs. */
  private keyed(event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { shown, at } = this;
    const chosen = shown[at];
    const actions: Readonly<Record<string, () => void>> = {
      ArrowDown: () => (shown.length > 0 ? this.point((at + 1) % shown.length) : this.leave()),
      ArrowUp: () => this.point(at < 0 ? shown.length - 1 : at - 1),
      Enter: () => (chosen ? this.take(chosen) : this.enter()),
      Escape: () => (shown.length > 0 ? this.offer([]) : this.type("")),
    };
    const first = shown[Math.max(0, at)];
    if (event.key === "Tab" && first && !event.shiftKey) this.take(first);
    else if (actions[event.key]) actions[event.key]?.();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private enter(): void {
    this.offer([]);
    this.options.entered();
  }

  private leave(): void {
    this.offer([]);
    this.options.left();
  }
}
