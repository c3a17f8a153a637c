/** A button with a menu below it: one list of commands and switches, closed by any choice. */
import { h, Scope } from "./dom";
import { type IconName, icon } from "./icons";

/** One row of a menu: a command, or a switch where `on` says how it stands. */
export interface MenuItem {
  readonly word: string;
  readonly on?: boolean;
  /** What a key does as well. */
  readonly key?: string;
  /** A line above it. */
  readonly apart?: boolean;
  readonly act?: () => void;
  /** The rows of a menu that takes this one's place. */
  readonly rows?: () => readonly MenuItem[];
}

/** Makes the button; its rows are asked for each time it opens. */
export function menuButton(
  scope: Scope,
  name: IconName,
  label: string,
  items: () => readonly MenuItem[],
): HTMLButtonElement {
  const button = h(
    "button",
    {
      ...{ type: "button", class: "nbt-icon-button", "aria-label": label, title: label },
      "aria-haspopup": "menu",
      "aria-expanded": false,
    },
    icon(name),
  );
  let menu: Menu | null = null;
  const close = () => menu?.close();
  scope.add(close);
  scope.listen(button, "click", () => {
    if (menu) return close();
    menu = new Menu(button, () => {
      menu = null;
    });
    menu.open(items());
  });
  return button;
}

class Menu {
  private readonly list = h("div", { class: "nbt-menu", role: "menu" });
  private readonly scope = new Scope();

  constructor(
    private readonly button: HTMLElement,
    private readonly closed: () => void,
  ) {}

  open(items: readonly MenuItem[]): void {
    const root = this.button.closest<HTMLElement>(":fullscreen, .nbt, .nbt-lab") ?? document.body;
    this.list.setAttribute("aria-label", this.button.getAttribute("aria-label") ?? "");
    root.append(this.list);
    this.button.setAttribute("aria-expanded", "true");
    this.scope.listen(this.list, "keydown", (event) => this.keyed(event));
    this.scope.listen(this.list, "focusout", (event) => {
      if (event.relatedTarget instanceof Node && this.list.contains(event.relatedTarget)) return;
      // A row that goes away while its menu gets other rows loses the focus to nobody.
      if (event.relatedTarget !== null) this.close();
    });
    const away = (event: Event) => {
      const path = event.composedPath();
      if (!path.includes(this.list) && !path.includes(this.button)) this.close();
    };
    document.addEventListener("pointerdown", away, true);
    this.scope.add(() => document.removeEventListener("pointerdown", away, true));
    this.fill(items);
    this.place(root);
  }

  close(): void {
    const hadFocus = this.list.contains(focused(this.list));
    this.scope.release();
    this.list.remove();
    this.button.setAttribute("aria-expanded", "false");
    if (hadFocus) this.button.focus();
    this.closed();
  }

  private fill(items: readonly MenuItem[]): void {
    this.list.replaceChildren(...items.map((item) => this.row(item)));
    this.rows()[0]?.focus();
  }

  private row(item: MenuItem): HTMLElement {
    const isSwitch = item.on !== undefined;
    const row = h(
      "button",
      {
        ...{ type: "button", tabindex: -1, class: item.apart ? "nbt-apart" : "" },
        role: isSwitch ? "menuitemcheckbox" : "menuitem",
        ...(isSwitch ? { "aria-checked": item.on === true } : {}),
      },
      h("span", { class: "nbt-menu-word" }, item.word),
      item.key ? h("kbd", {}, item.key) : null,
    );
    this.scope.listen(row, "click", () => {
      if (item.rows) this.fill(item.rows());
      else {
        this.close();
        item.act?.();
      }
    });
    return row;
  }

  private rows(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("button")];
  }

  /** Below the button, or above it where there is more room. */
  private place(root: HTMLElement): void {
    const box = root.getBoundingClientRect();
    const at = this.button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.list;
    const left = Math.max(4, Math.min(at.right - width, box.right - width - 6) - box.left);
    const below = at.bottom - box.top + 3;
    const fits = below + height <= box.height;
    const top = fits ? below : Math.max(4, at.top - box.top - height - 3);
    this.list.style.left = `${left}px`;
    this.list.style.top = `${top}px`;
  }

  /** Arrows, Home and End move; a letter goes to the next row that begins with it. */
  private keyed(event: KeyboardEvent): void {
    const rows = this.rows();
    const at = rows.indexOf(focused(this.list) as HTMLElement);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: (at + 1) % rows.length,
      ArrowUp: (at - 1 + rows.length) % rows.length,
      Home: 0,
      End: rows.length - 1,
    };
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.close();
      return;
    }
    const target = targets[event.key] ?? lettered(rows, at, event.key);
    if (target === undefined) return;
    event.preventDefault();
    rows[target]?.focus();
  }
}

function lettered(rows: readonly HTMLElement[], at: number, key: string): number | undefined {
  if (key.length !== 1 || key === " ") return undefined;
  const begins = (row: HTMLElement) => row.textContent?.toLowerCase().startsWith(key.toLowerCase());
  const later = rows.findIndex((row, i) => i > at && begins(row));
  const any = later < 0 ? rows.findIndex(begins) : later;
  return any < 0 ? undefined : any;
}

/** What has the focus, inside a shadow root too. */
function focused(element: HTMLElement): Element | null {
  return (element.getRootNode() as Document | ShadowRoot).activeElement;
}
