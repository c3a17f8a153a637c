/** What opens above the table: menus where somebody points, panels below buttons, questions. */
import { h, Scope } from "../../panels/dom";
import type { MenuItem } from "../../panels/menu";

export interface Point {
  readonly x: number;
  readonly y: number;
}

const EDGE_PX = 6;

/** Shows something at a point until somebody looks elsewhere. Returns the way to close it. */
function float(root: HTMLElement, box: HTMLElement, at: Point, back: HTMLElement | null) {
  const scope = new Scope();
  const close = () => {
    if (!box.isConnected) return;
    const hadFocus = box.contains(document.activeElement);
    scope.release();
    box.remove();
    if (hadFocus) back?.focus({ preventScroll: true });
  };
  root.append(box);
  const home = root.getBoundingClientRect();
  const left = Math.min(at.x - home.left, home.width - box.offsetWidth - EDGE_PX);
  const below = at.y - home.top;
  const top = Math.min(below, home.height - box.offsetHeight - EDGE_PX);
  box.style.left = `${Math.max(EDGE_PX, left)}px`;
  box.style.top = `${Math.max(EDGE_PX, top)}px`;
  const away = (event: Event) => {
    if (!event.composedPath().includes(box)) close();
  };
  document.addEventListener("pointerdown", away, true);
  window.addEventListener("blur", close);
  scope.add(() => document.removeEventListener("pointerdown", away, true));
  scope.add(() => window.removeEventListener("blur", close));
  scope.listen(box, "keydown", (event) => {
    event.stopPropagation();
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
  });
  scope.listen(box, "focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !box.contains(relatedTarget)) close();
  });
  return { close, scope };
}

/** Opens a menu; arrows walk through it, Enter does what a row says. */
export function openMenu(
  root: HTMLElement,
  label: string,
  items: readonly MenuItem[],
  at: Point,
  back: HTMLElement | null,
): void {
  const list = h("div", { class: "nbt-menu", role: "menu", "aria-label": label });
  const rows = items.map((item) =>
    h(
      "button",
      {
        ...{ type: "button", tabindex: -1, class: item.apart ? "nbt-apart" : "" },
        role: item.on === undefined ? "menuitem" : "menuitemcheckbox",
        ...(item.on === undefined ? {} : { "aria-checked": item.on }),
      },
      h("span", { class: "nbt-menu-word" }, item.word),
      item.key ? h("kbd", {}, item.key) : null,
    ),
  );
  list.append(...rows);
  const { close, scope } = float(root, list, at, back);
  rows.forEach((row, index) => {
    scope.listen(row, "click", () => {
      close();
      items[index]?.act?.();
    });
  });
  scope.listen(list, "keydown", (event) => {
    const from = rows.indexOf(document.activeElement as HTMLButtonElement);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: (from + 1) % rows.length,
      ArrowUp: (from - 1 + rows.length) % rows.length,
      Home: 0,
      End: rows.length - 1,
    };
    const to = targets[event.key];
    if (event.key === "Tab") close();
    else if (to === undefined) return;
    else rows[to]?.focus();
    event.preventDefault();
  });
  rows[0]?.focus();
}

/** Opens a panel below a button; the same button closes it. */
export function openPanel(
  root: HTMLElement,
  button: HTMLElement,
  label: string,
  content: HTMLElement,
): () => void {
  const panel = h("div", { class: "nbt-rt-panel", role: "dialog", "aria-label": label }, content);
  const { left, bottom } = button.getBoundingClientRect();
  const { close, scope } = float(root, panel, { x: left, y: bottom + 3 }, button);
  button.setAttribute("aria-expanded", "true");
  scope.add(() => button.setAttribute("aria-expanded", "false"));
  panel.querySelector<HTMLElement>("input, button, select")?.focus();
  return close;
}

export interface Query {
  readonly title: string;
  /** What will happen, and to what. */
  readonly body: readonly (Node | string)[];
  readonly yes: string;
  readonly no: string;
  readonly isDangerous?: boolean;
}

/** Asks; resolves to true for yes. Escape says no, and so does what has the focus first. */
export function ask(root: HTMLElement, { title, body, yes, no, isDangerous }: Query) {
  const back = document.activeElement;
  const agree = h("button", { type: "submit", class: "nbt-button", value: "yes" }, yes);
  if (isDangerous) agree.classList.add("nbt-danger");
  const refuse = h("button", { type: "button", class: "nbt-button" }, no);
  const form = h(
    "form",
    { method: "dialog" },
    h("h3", {}, title),
    h("div", { class: "nbt-rt-ask-body" }, ...body),
    h("div", { class: "nbt-rt-ask-buttons" }, refuse, agree),
  );
  const dialog = h("dialog", { class: "nbt-rt-ask", "aria-label": title }, form);
  root.append(dialog);
  return new Promise<boolean>((resolve) => {
    refuse.addEventListener("click", () => dialog.close(""));
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("close", () => {
      const isAgreed = dialog.returnValue === "yes";
      dialog.remove();
      if (back instanceof HTMLElement) back.focus({ preventScroll: true });
      resolve(isAgreed);
    });
    dialog.showModal();
    (form.querySelector<HTMLElement>(".nbt-rt-ask-body input") ?? refuse).focus();
  });
}
