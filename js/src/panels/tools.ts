/** Small controls of the bar. */
import { h, type Scope, setText } from "./dom";
import { icon } from "./icons";

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

/** A choice of one of few. */
export function segmented<T extends string>(
  scope: Scope,
  label: string,
  choices: readonly (readonly [T, string])[],
  value: T,
  changed: (choice: T) => void,
): HTMLElement {
  const group = h("div", { class: "nbt-segments", role: "group", "aria-label": label });
  const buttons = choices.map(([choice, word]) => {
    const button = h("button", { type: "button", "aria-pressed": choice === value }, word);
    scope.listen(button, "click", () => {
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      changed(choice);
    });
    return button;
  });
  group.append(...buttons);
  return group;
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
