/**
 * The row of tabs. Where it is too narrow for all of them it scrolls: arrow keys go through
 * all, and buttons at its ends, which a keyboard does not need, tell that there are more.
 */
import { h, Scope } from "./dom";
import { icon } from "./icons";

/** A tab as the row knows it. */
export interface StripTab {
  readonly id: string;
  readonly button: HTMLButtonElement;
}

/** What the buttons at the ends cover. */
const ROOM_PX = 28;

export class TabStrip {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;
  private readonly ends: readonly [HTMLButtonElement, HTMLButtonElement];
  private readonly scope = new Scope();
  private chosen = 0;
  /** Whether the chosen tab is kept in sight: until somebody scrolls. */
  private follows = true;

  constructor(
    private readonly boxes: readonly StripTab[],
    private readonly choose: (id: string) => void,
    label = "Views of the run",
  ) {
    this.list = h("div", { class: "nbt-tabs", role: "tablist", "aria-label": label });
    this.list.append(...boxes.map((box) => box.button));
    this.ends = [endButton("nbt-tabs-back"), endButton("nbt-tabs-on")];
    this.element = h("div", { class: "nbt-tabstrip" }, this.ends[0], this.list, this.ends[1]);
  }

  open(): () => void {
    const { scope, list } = this;
    for (const box of this.boxes) scope.listen(box.button, "click", () => this.choose(box.id));
    scope.listen(list, "keydown", (event) => this.keyed(event));
    scope.listen(list, "scroll", () => this.showEnds(), { passive: true });
    this.ends.forEach((end, i) => {
      scope.listen(end, "click", () => {
        this.letGo();
        list.scrollBy({ left: (i === 0 ? -0.7 : 0.7) * list.clientWidth, behavior: "smooth" });
      });
    });
    for (const type of ["wheel", "touchmove"] as const) {
      scope.listen(list, type, () => this.letGo(), { passive: true });
    }
    const sized = new ResizeObserver(() => this.reveal());
    for (const each of [list, ...this.boxes.map((box) => box.button)]) sized.observe(each);
    scope.add(() => sized.disconnect());
    return () => scope.release();
  }

  /** Marks a tab as the chosen one. */
  mark(id: string): void {
    this.chosen = Math.max(
      0,
      this.boxes.findIndex((box) => box.id === id),
    );
    this.boxes.forEach(({ button }, i) => {
      button.setAttribute("aria-selected", String(i === this.chosen));
      button.tabIndex = i === this.chosen ? 0 : -1;
    });
    this.follows = true;
    this.reveal();
  }

  private letGo(): void {
    this.follows = false;
  }

  private keyed(event: KeyboardEvent): void {
    const target = neighbour(this.boxes, this.chosen, event.key);
    if (!target) return;
    event.preventDefault();
    this.choose(target.id);
    target.button.focus({ preventScroll: true });
  }

  /** Scrolls the row, and nothing around it, until the chosen tab can be seen. */
  private reveal(): void {
    const button = this.boxes[this.chosen]?.button;
    const { list } = this;
    if (button && this.follows) {
      const left = button.offsetLeft - list.offsetLeft - ROOM_PX;
      const right = left + button.offsetWidth + 2 * ROOM_PX;
      if (left < list.scrollLeft) list.scrollLeft = left;
      else if (right > list.scrollLeft + list.clientWidth) {
        list.scrollLeft = right - list.clientWidth;
      }
    }
    this.showEnds();
  }

  private showEnds(): void {
    const { scrollLeft, scrollWidth, clientWidth } = this.list;
    this.element.toggleAttribute("data-back", scrollLeft > 2);
    this.element.toggleAttribute("data-on", scrollLeft + clientWidth < scrollWidth - 2);
  }
}

/** The tab that a key leads to, among those that are shown. */
export function neighbour(
  tabs: readonly StripTab[],
  chosen: number,
  key: string,
): StripTab | undefined {
  const shown = tabs.filter(({ button }) => !button.hidden);
  const [at, last] = [shown.indexOf(tabs[chosen] as StripTab), shown.length - 1];
  const targets: Readonly<Record<string, number>> = {
    ArrowRight: at === last ? 0 : at + 1,
    ArrowLeft: at <= 0 ? last : at - 1,
    Home: 0,
    End: last,
  };
  return shown[targets[key] ?? -1];
}

function endButton(look: string): HTMLButtonElement {
  const attributes = { type: "button", class: look, tabindex: -1, "aria-hidden": "true" };
  return h("button", attributes, icon("chevron"));
}
