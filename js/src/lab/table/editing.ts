/** Changing what is in a cell, in its place: Enter saves, Escape leaves, trouble is said there. */
import { h } from "../../panels/dom";
import { icon } from "../../panels/icons";
import { wordsOf } from "../../panels/saving";

export interface Editing {
  /** What it is, for screen readers. */
  readonly label: string;
  readonly value: string;
  /** Stores it; rejects with words. */
  readonly save: (value: string) => Promise<void>;
  /** Called when the cell is to show the run again. */
  readonly done: (how: "saved" | "left") => void;
}

const LONGEST = 100_000;

/** Puts a field into a cell. */
export function editCell(cell: HTMLElement, { label, value, save, done }: Editing): void {
  if (cell.dataset.editing !== undefined) return;
  cell.dataset.editing = "";
  const hasLines = value.includes("\n");
  const look = { class: "nbt-rt-input", "aria-label": label, maxlength: LONGEST };
  const input = hasLines ? h("textarea", { ...look, rows: 4 }) : h("input", look);
  input.value = value;
  input.spellcheck = false;
  cell.replaceChildren(input);
  let isOver = false;
  const end = (how: "saved" | "left") => {
    if (isOver) return;
    isOver = true;
    delete cell.dataset.editing;
    delete cell.dataset.failed;
    done(how);
  };
  const store = async () => {
    if (isOver || input.readOnly) return;
    if (input.value === value) return end("left");
    input.readOnly = true;
    cell.querySelector(".nbt-rt-failed")?.remove();
    try {
      await save(input.value);
      end("saved");
    } catch (error) {
      input.readOnly = false;
      fail(cell, input, `Not saved: ${wordsOf(error)}`);
    }
  };
  input.addEventListener("keydown", (event: Event) => {
    const { key, shiftKey } = event as KeyboardEvent;
    event.stopPropagation();
    if (key === "Escape") end("left");
    else if (key === "Enter" && !(hasLines && shiftKey)) void store();
    else return;
    event.preventDefault();
  });
  // Who clicks elsewhere has not said that it is to be stored: nothing is, unless it failed before.
  input.addEventListener("blur", () => {
    if (cell.dataset.failed === undefined && !input.readOnly) end("left");
  });
  input.focus();
  input.select();
}

function fail(cell: HTMLElement, input: HTMLElement, words: string): void {
  cell.dataset.failed = "";
  const said = h("div", { class: "nbt-rt-failed", role: "alert" }, icon("warning"), words);
  cell.append(said);
  input.setAttribute("aria-invalid", "true");
  input.focus();
}
