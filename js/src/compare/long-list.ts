/**
 * A list of rows of one height, of which those are in the page that can be seen: a thousand
 * runs are twenty thousand elements otherwise. The row that has the focus stays, too.
 */
import { h, type Scope } from "../panels/dom";
import { arrange, focusIn } from "../panels/staying";

/** Rows above and below those that can be seen, so that Tab finds the next one. */
const MARGIN = 8;
/** Before the list has a place in the page. */
const USUAL_PX = 600;

export class LongList {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;
  private names: readonly string[] = [];
  private rows = new Map<string, HTMLElement>();

  /**
   * @param rowPx height of a row.
   * @param row gives the row of a name, which stays when it is given again.
   * @param forget is told which rows went.
   */
  constructor(
    label: string,
    private readonly rowPx: number,
    private readonly row: (name: string) => HTMLElement,
    private readonly forget: (name: string) => void,
  ) {
    this.list = h("ul", { "aria-label": label });
    this.element = h("div", { class: "nbt-long-list" }, this.list);
  }

  open(scope: Scope): void {
    const place = scope.inFrame(() => this.place());
    scope.listen(this.element, "scroll", place);
    const sized = new ResizeObserver(place);
    sized.observe(this.element);
    scope.add(() => sized.disconnect());
  }

  /** Shows rows of these names, in order. */
  show(names: readonly string[]): void {
    this.names = names;
    this.list.style.height = `${names.length * this.rowPx}px`;
    this.place();
  }

  /** Puts the rows into the page that can be seen, as they are now. */
  place(): void {
    const { names, rowPx } = this;
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / rowPx) - MARGIN);
    const last = Math.ceil((scrollTop + (clientHeight || USUAL_PX)) / rowPx) + MARGIN;
    const focused = this.focused();
    const before = this.rows;
    this.rows = new Map();
    for (const [i, name] of names.entries()) {
      if ((i < first || i >= last) && name !== focused) continue;
      const row = this.row(name);
      row.style.top = `${i * rowPx}px`;
      row.setAttribute("aria-posinset", String(i + 1));
      row.setAttribute("aria-setsize", String(names.length));
      this.rows.set(name, row);
    }
    arrange(this.list, [...this.rows.values()]);
    for (const name of before.keys()) if (!this.rows.has(name)) this.forget(name);
  }

  private focused(): string | undefined {
    const focused = focusIn(this.list);
    return [...this.rows].find(([, row]) => row.contains(focused))?.[0];
  }
}
