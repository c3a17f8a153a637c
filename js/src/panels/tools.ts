/** Small controls of the bar. */
import { h, matcher, type Scope, setText } from "./dom";
import { icon } from "./icons";
import { renew } from "./staying";

/** A search field that tells what is in it, a moment after the last key. */
export function searchField(
  scope: Scope,
  label: string,
  value: string,
  changed: (text: string) => void,
): HTMLElement {
  const input = h("input", {
    type: "search",
    class: "nbt-search-input",
    placeholder: "Search",
    "aria-label": `${label} (regular expression)`,
    title: "Regular expression, or plain text",
    spellcheck: "false",
    autocomplete: "off",
  });
  input.value = value;
  let timer: ReturnType<typeof setTimeout> | undefined;
  scope.add(() => clearTimeout(timer));
  scope.listen(input, "input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => changed(input.value), 80);
  });
  return h("label", { class: "nbt-search" }, icon("search"), input);
}

/** A choice of one of many: a list of the system's own, of fixed choices and found ones. */
export class Chooser<T extends string> {
  readonly element: HTMLSelectElement;
  private shown = "";

  constructor(scope: Scope, label: string, changed: (choice: T) => void) {
    this.element = h("select", { class: "nbt-select", "aria-label": label, title: label });
    scope.listen(this.element, "change", () => changed(this.element.value as T));
  }

  /** Shows the choices; those that are there already are left alone. */
  show(
    fixed: readonly (readonly [T, string])[],
    found: readonly (readonly [T, string])[],
    chosen: T,
  ): void {
    const shape = JSON.stringify([fixed, found]);
    if (shape !== this.shown) this.fill(fixed, found);
    this.shown = shape;
    // A metric that was chosen and is not there (yet).
    const isThere = [...fixed, ...found].some(([value]) => value === chosen);
    const value = isThere ? chosen : (fixed[0]?.[0] ?? "");
    // Somebody may have opened it: what is marked in it stays.
    if (this.element.value !== value) this.element.value = value;
  }

  private fill(
    fixed: readonly (readonly [T, string])[],
    found: readonly (readonly [T, string])[],
  ): void {
    const option = ([value, word]: readonly [T, string]) =>
      h("option", { value, "data-key": value }, word);
    const look = { label: "Metrics", "data-key": "metrics\n" };
    const group = h("optgroup", look, ...found.map(option));
    renew(this.element, [...fixed.map(option), ...(found.length > 0 ? [group] : [])]);
  }
}

/** A button that is on or off. */
export function pressed(
  scope: Scope,
  word: string,
  on: boolean,
  changed: (on: boolean) => void,
): HTMLButtonElement {
  const button = h("button", { type: "button", class: "nbt-button", "aria-pressed": on }, word);
  scope.listen(button, "click", () => {
    const isOn = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isOn));
    changed(isOn);
  });
  return button;
}

/** A search as a pattern, and what is wrong with it as a regular expression, "" for nothing. */
export function searchPattern(search: string): {
  readonly pattern: RegExp | null;
  readonly problem: string;
} {
  const pattern = matcher(search);
  try {
    new RegExp(search, "i");
    return { pattern, problem: "" };
  } catch (error) {
    const reason = /: ([^:]*)$/.exec(error instanceof Error ? error.message : "")?.[1] ?? "invalid";
    const sign = /[\\^$.*+?()[\]{}|]/.exec(search)?.[0] ?? "(";
    return {
      pattern,
      problem:
        `Not a regular expression (${reason.toLowerCase()}), so the text itself is searched. ` +
        `Write \\${sign} to mean the sign ${sign}, or complete it, as in loss|acc or ^val/.`,
    };
  }
}

/** A slider from 0 to 0.99 with its value beside it. */
export function slider(
  scope: Scope,
  label: string,
  value: number,
  changed: (value: number) => void,
): HTMLElement {
  const input = h("input", { type: "range", min: 0, max: 0.99, step: 0.01, "aria-label": label });
  const output = h("output", { class: "nbt-slider-value" });
  input.value = String(value);
  const show = () => {
    const share = Number(input.value);
    setText(output, share === 0 ? "off" : share.toFixed(2));
    input.style.setProperty("--share", String(share / 0.99));
  };
  show();
  scope.listen(input, "input", () => {
    show();
    changed(Number(input.value));
  });
  return h("label", { class: "nbt-slider" }, h("span", {}, label), input, output);
}

/** A choice of one of several words in little room. */
export function selection<T extends string>(
  scope: Scope,
  label: string,
  choices: readonly (readonly [T, string])[],
  value: T,
  changed: (choice: T) => void,
): HTMLSelectElement {
  const select = h("select", { class: "nbt-select", "aria-label": label, title: label });
  select.append(...choices.map(([choice, word]) => h("option", { value: choice }, word)));
  select.value = value;
  scope.listen(select, "change", () => changed(select.value as T));
  return select;
}

/** A button that is on or off. */
export function toggle(
  scope: Scope,
  name: Parameters<typeof icon>[0],
  word: string,
  pressed: boolean,
  changed: (pressed: boolean) => void,
): HTMLButtonElement {
  const button = iconButton(name, word, { "aria-pressed": pressed });
  scope.listen(button, "click", () => {
    const now = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(now));
    changed(now);
  });
  return button;
}

/** A button with an icon and, where there is room, its word. */
export function iconButton(
  name: Parameters<typeof icon>[0],
  word: string,
  attributes: Parameters<typeof h>[1] = {},
): HTMLButtonElement {
  return h(
    "button",
    { type: "button", class: "nbt-button", title: word, ...attributes },
    icon(name),
    h("span", { class: "nbt-word" }, word),
  );
}
