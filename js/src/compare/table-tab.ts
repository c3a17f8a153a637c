/**
 * In what the runs differ: a row per run, first the keys of the config that differ, then the
 * summary's; what is the same for all stands below, folded away.
 */
import { h, Scope, setText } from "../panels/dom";
import { stateBadge } from "../panels/icons";
import { renew } from "../panels/staying";
import type { Tab } from "../panels/tab";
import type { ComparedRun, Json } from "../protocol";
import type { CompareChange, CompareContext } from "./context";
import { type Column, columnsOf, type Tree, valueIn } from "./store";
import { shortText, valuesLeftOut, wholeText } from "./words";

const MOST_ROWS = 200;
const MOST_COLUMNS = 40;

export class CompareTable implements Tab<CompareChange> {
  readonly element = h("div", { class: "nbt-compare-table" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly scope: Scope;
  private readonly head = h("thead");
  private readonly rows = h("tbody");
  private readonly note = h("p", { class: "nbt-quiet" });
  private readonly same = h("dl", { class: "nbt-table" });
  private readonly fold: HTMLDetailsElement;
  private readonly foldName = h("summary");
  private visible = false;

  constructor(private readonly context: CompareContext) {
    this.scope = new Scope(context.failed);
    const same = h("div", { class: "nbt-same" }, this.same);
    this.fold = h("details", { class: "nbt-fold" }, this.foldName, same);
    const scroller = h(
      "div",
      { class: "nbt-scroller", tabindex: 0, role: "region", "aria-label": "Differences" },
      h("table", {}, this.head, this.rows),
    );
    this.element.append(scroller, this.note, this.fold);
  }

  open(): () => void {
    this.scope.listen(this.head, "click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("button[data-column]");
      if (button) this.sortBy(button.dataset.column ?? "");
    });
    return () => this.scope.release();
  }

  update(change: CompareChange): void {
    if (this.visible && (change.runs || change.plotted)) this.build();
  }

  shown(): void {
    this.visible = true;
    this.build();
  }

  count(): string {
    const [differing] = columnsOf(this.context.plotted(), "config");
    return differing.length > 0 ? String(differing.length) : "";
  }

  private sortBy(column: string): void {
    const { state } = this.context;
    state.sortDescending = state.sortColumn === column && !state.sortDescending;
    state.sortColumn = column;
    this.build();
  }

  private build(): void {
    const runs = this.context.plotted();
    const columns = (["config", "summary"] as const).flatMap((tree) =>
      columnsOf(runs, tree)[0].map((key): Column => ({ tree, key })),
    );
    const shown = columns.slice(0, MOST_COLUMNS);
    renew(this.head, [this.header(shown)]);
    const ordered = this.sorted(runs, shown).slice(0, MOST_ROWS);
    const best = this.context.best();
    renew(
      this.rows,
      ordered.map((run) => row(run, shown, run.uid === best)),
    );
    const left = [
      runs.length > ordered.length ? `${runs.length - ordered.length} more runs` : "",
      columns.length > shown.length ? `${columns.length - shown.length} more keys that differ` : "",
      ...valuesLeftOut(this.context.feed.store.head),
    ].filter(Boolean);
    setText(this.note, left.length > 0 ? `Not shown: ${left.join(", ")}.` : "");
    this.buildSame(runs);
  }

  private header(columns: readonly Column[]): HTMLElement {
    const cell = (name: string, id: string, tree: string) => {
      const { sortColumn, sortDescending } = this.context.state;
      const here = sortColumn === id;
      const order = here ? (sortDescending ? "descending" : "ascending") : "none";
      const sign = here ? (sortDescending ? " ↓" : " ↑") : "";
      const button = h("button", { type: "button", "data-column": id, title: name }, name + sign);
      const look = { scope: "col", "aria-sort": order, "data-tree": tree, "data-key": id };
      return h("th", look, button);
    };
    // What was set and what was logged may have one name.
    const twice = (key: string) => columns.filter((column) => column.key === key).length > 1;
    return h(
      "tr",
      {},
      cell("Run", "name", "run"),
      cell("State", "state", "run"),
      ...columns.map((column) => {
        const name = nameOf(column);
        return cell(twice(column.key) ? name : column.key, name, column.tree);
      }),
    );
  }

  private sorted(runs: readonly ComparedRun[], columns: readonly Column[]): ComparedRun[] {
    const { sortColumn, sortDescending } = this.context.state;
    if (sortColumn === "") return [...runs];
    const column = columns.find((one) => nameOf(one) === sortColumn);
    const value = (run: ComparedRun): Json | undefined =>
      column ? valueIn(run, column) : sortColumn === "state" ? run.state : run.name;
    const sign = sortDescending ? -1 : 1;
    return [...runs].sort((a, b) => compare(value(a), value(b), sign));
  }

  private buildSame(runs: readonly ComparedRun[]): void {
    const [first] = runs;
    const same = columnsOf(runs, "config")[1];
    this.fold.hidden = same.length === 0 || runs.length < 2;
    setText(this.foldName, `${same.length} keys of the config are the same`);
    const entry = (key: string) => {
      const value = first && valueIn(first, { tree: "config", key });
      return h("div", { "data-key": key }, h("dt", {}, key), h("dd", {}, wholeText(value)));
    };
    renew(this.same, same.map(entry));
  }
}

export function nameOf({ tree, key }: { readonly tree: Tree; readonly key: string }): string {
  return `${tree}.${key}`;
}

function row(run: ComparedRun, columns: readonly Column[], best: boolean): HTMLElement {
  const cells = columns.map((column) => {
    const value = valueIn(run, column);
    const kind = typeof value === "number" ? "number" : "text";
    return h("td", { "data-kind": kind, title: wholeText(value) }, shortText(value));
  });
  const name = h("th", { scope: "row" }, run.name || run.id);
  if (best) name.append(h("span", { class: "nbt-best-word" }, "best"));
  return h("tr", { "data-key": run.uid }, name, h("td", {}, stateBadge(run.state)), ...cells);
}

/** Numbers before texts, what is missing last either way. */
function compare(a: Json | undefined, b: Json | undefined, sign: number): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  const [one, other] = [typeof a === "number", typeof b === "number"];
  if (one && other) return sign * ((a as number) - (b as number));
  if (one !== other) return one ? -1 : 1;
  return sign * shortText(a).localeCompare(shortText(b), undefined, { numeric: true });
}
