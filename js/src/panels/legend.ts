/** The lines of a chart below its title: colour, name, value; a click switches one off. */
import { h, Scope, setText } from "./dom";
import { icon } from "./icons";
import { arrange } from "./staying";

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
  /** What does not change without another row, as text. */
  readonly shape: string;
  readonly element: HTMLElement;
  readonly toggle: HTMLButtonElement;
  readonly value: HTMLElement;
}

export class Legend {
  readonly element = h("div", { class: "nbt-legend", role: "group", "aria-label": "Lines" });
  private rows: ReadonlyMap<string, Row> = new Map();
  private readonly scope = new Scope();

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
    this.rows = new Map(entries.map((entry) => [entry.key, this.row(entry)]));
    const rows = [...this.rows.values()];
    arrange(
      this.element,
      rows.map(({ element }) => element),
    );
    entries.forEach(({ value, muted }, i) => {
      const row = rows[i] as Row;
      setText(row.value, value);
      row.toggle.setAttribute("aria-pressed", String(!muted));
    });
  }

  private row(entry: Entry): Row {
    const { value: _, muted: __, ...rest } = entry;
    const shape = JSON.stringify(rest);
    const known = this.rows.get(entry.key);
    return known?.shape === shape ? known : this.newRow(entry, shape);
  }

  private newRow({ key, label, color, movable }: Entry, shape: string): Row {
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
    return { shape, element, toggle, value };
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
