/** The lines of a chart below its title: colour, name, value; a click switches one off. */
import { h, Scope, setText } from "./dom";
import { icon } from "./icons";

/** One entry. */
export interface Entry {
  readonly key: string;
  readonly label: string;
  readonly color: number;
  readonly value: string;
  readonly muted: boolean;
  /** Whether it can be taken out of the chart. */
  readonly movable: boolean;
}

interface Row {
  readonly element: HTMLElement;
  readonly toggle: HTMLButtonElement;
  readonly value: HTMLElement;
}

export class Legend {
  readonly element = h("div", { class: "nbt-legend", role: "group", "aria-label": "Lines" });
  private readonly rows = new Map<string, Row>();
  private readonly scope = new Scope();
  private shown = "";

  /**
   * @param muted a line was switched off or on.
   * @param taken a line was taken out of the chart.
   */
  constructor(
    private readonly muted: (key: string) => void,
    private readonly taken: (key: string) => void,
  ) {}

  close(): void {
    this.scope.release();
  }

  /** Shows the entries; one alone needs no legend. */
  show(entries: readonly Entry[]): void {
    this.element.hidden = entries.length < 2;
    if (entries.length < 2) return;
    const shape = JSON.stringify(entries.map(({ value: _, muted: __, ...rest }) => rest));
    if (shape !== this.shown) this.build(entries);
    this.shown = shape;
    for (const { key, value, muted } of entries) {
      const row = this.rows.get(key);
      if (!row) continue;
      setText(row.value, value);
      row.toggle.setAttribute("aria-pressed", String(!muted));
    }
  }

  private build(entries: readonly Entry[]): void {
    this.rows.clear();
    this.element.replaceChildren(...entries.map((entry) => this.row(entry)));
  }

  private row({ key, label, color, movable }: Entry): HTMLElement {
    const value = h("span", { class: "nbt-legend-value" });
    const toggle = h(
      "button",
      { type: "button", class: "nbt-legend-toggle", title: key, "aria-pressed": true },
      h("span", { class: "nbt-dot", "aria-hidden": "true" }),
      h("span", { class: "nbt-legend-name" }, label),
      value,
    );
    this.scope.listen(toggle, "click", () => this.muted(key));
    const element = h("span", { class: "nbt-legend-row", "data-color": color % 6 }, toggle);
    if (movable) element.append(this.takeOut(key, label));
    this.rows.set(key, { element, toggle, value });
    return element;
  }

  private takeOut(key: string, label: string): HTMLElement {
    const name = `Take ${label} out of this chart`;
    const button = h(
      "button",
      { type: "button", class: "nbt-legend-out", "aria-label": name, title: name },
      icon("close"),
    );
    this.scope.listen(button, "click", () => this.taken(key));
    return button;
  }
}
