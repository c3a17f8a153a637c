/** Something of a run that is changed in its place, and what to do when that fails. */
import { h, setText } from "./dom";
import { icon } from "./icons";
import { trouble, wordsOf } from "./saving";

interface EditableOptions {
  /** What it is: `name`, `notes`. */
  readonly what: string;
  readonly value: () => string;
  readonly show: (value: string) => readonly (Node | string)[];
  /** Stores it; rejects with words. */
  readonly save: (value: string) => Promise<void>;
  /** Said where there is nothing. */
  readonly nothing?: string;
  readonly manyLines?: boolean;
}

export class Editable {
  readonly element: HTMLElement;
  private readonly shown: HTMLElement;
  private readonly pencil: HTMLButtonElement;
  private editing = false;
  private drawn: string | null = null;

  /** @param shown the element that shows the value; it stays the same one. */
  constructor(
    private readonly options: EditableOptions,
    shown: HTMLElement,
  ) {
    this.shown = shown;
    const words = `Edit ${options.what}`;
    this.pencil = h(
      "button",
      { type: "button", class: "nbt-mini nbt-pencil", title: words, "aria-label": words },
      icon("pencil"),
    );
    this.pencil.addEventListener("click", () => this.edit(this.options.value()));
    this.element = h("div", { class: "nbt-editable" }, shown, this.pencil);
  }

  /** Brings it up to date; what somebody is typing stays. */
  update(possible: boolean): void {
    this.pencil.hidden = !possible;
    const value = this.options.value();
    if (this.editing || value === this.drawn) return;
    this.drawn = value;
    const { nothing = "" } = this.options;
    if (value === "") this.shown.replaceChildren(h("span", { class: "nbt-quiet" }, nothing));
    else this.shown.replaceChildren(...this.options.show(value));
  }

  private edit(value: string): void {
    this.editing = true;
    const { what, manyLines } = this.options;
    const look = { class: "nbt-input", "aria-label": what, spellcheck: "false" };
    const input = manyLines ? h("textarea", { ...look, rows: 6 }) : h("input", look);
    input.value = value;
    const save = h("button", { type: "button", class: "nbt-button" }, "Save");
    const cancel = h("button", { type: "button", class: "nbt-button" }, "Cancel");
    const failed = h("div", { class: "nbt-edit-failed" });
    save.title = manyLines ? "Ctrl+Enter" : "Enter";
    cancel.title = "Escape";
    const box = h("div", { class: "nbt-editing" }, input, save, cancel, failed);
    const store = async () => {
      for (const one of [input, save, cancel]) one.disabled = true;
      setText(save, "Saving …");
      try {
        await this.options.save(input.value);
        this.leave(box);
      } catch (error) {
        failed.replaceChildren(trouble(`Not saved: ${wordsOf(error)}`, () => void store()));
        for (const one of [input, save, cancel]) one.disabled = false;
        setText(save, "Save");
        input.focus();
      }
    };
    save.addEventListener("click", () => void store());
    cancel.addEventListener("click", () => this.leave(box));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.leave(box);
      else if (event.key === "Enter" && (!manyLines || event.ctrlKey || event.metaKey))
        void store();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.element.replaceChildren(box);
    input.focus();
    if (!manyLines) input.select();
  }

  private leave(box: HTMLElement): void {
    if (!box.isConnected) return;
    this.editing = false;
    this.element.replaceChildren(this.shown, this.pencil);
    this.update(!this.pencil.hidden);
    this.pencil.focus();
  }
}
