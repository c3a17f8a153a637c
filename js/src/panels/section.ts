/** One foldable section of a grid of charts. */
import { h, type Scope, setText } from "./dom";
import { icon } from "./icons";

export class Section {
  readonly element: HTMLElement;
  /** Number of the colour of its charts. */
  readonly color: number;
  private readonly cards: HTMLElement;
  private readonly count = h("span", { class: "nbt-count" });
  /** The charts that belong here, in order. */
  private readonly order: string[] = [];
  private readonly placed = new Map<string, HTMLElement>();

  /** @param opened tells the grid that it was opened: its charts are to be drawn. */
  constructor(
    scope: Scope,
    name: string,
    color: number,
    collapsed: Set<string>,
    opened: () => void,
  ) {
    this.color = color;
    const isOpen = !collapsed.has(name);
    this.cards = h("div", { class: "nbt-cards", hidden: !isOpen });
    const toggle = h(
      "button",
      { type: "button", class: "nbt-section-toggle", "aria-expanded": isOpen },
      icon("chevron"),
      h("span", { class: "nbt-section-name" }, name),
      this.count,
    );
    scope.listen(toggle, "click", () => {
      this.cards.hidden = !this.cards.hidden;
      toggle.setAttribute("aria-expanded", String(!this.cards.hidden));
      if (this.cards.hidden) collapsed.add(name);
      else collapsed.delete(name);
      opened();
    });
    this.element = h("section", { class: "nbt-section", role: "group", "aria-label": name });
    this.element.append(h("h3", { class: "nbt-section-head" }, toggle), this.cards);
  }

  /** Puts a chart at its place: where it was before, or behind all others. */
  put(id: string, card: HTMLElement): void {
    if (!this.order.includes(id)) this.order.push(id);
    if (this.placed.has(id)) return;
    const later = this.order.slice(this.order.indexOf(id) + 1).find((one) => this.placed.has(one));
    this.cards.insertBefore(card, (later && this.placed.get(later)) || null);
    this.placed.set(id, card);
  }

  /** Takes a chart out; its place stays known. */
  take(id: string): void {
    this.placed.get(id)?.remove();
    this.placed.delete(id);
  }

  /** Shows the charts that match and how many those are. */
  filter(matches: (id: string) => boolean): number {
    let shown = 0;
    for (const [id, card] of this.placed) {
      card.hidden = !matches(id);
      if (!card.hidden) shown++;
    }
    this.element.hidden = shown === 0;
    const all = this.placed.size;
    setText(this.count, shown < all ? `${shown} of ${all}` : String(all));
    return shown;
  }
}
