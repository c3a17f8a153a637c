/** The runs of a comparison: which are plotted, in which colour, how they stand, which is best. */
import { formatCount, formatValue } from "../chart";
import { h, Scope, setText } from "../panels/dom";
import { icon, stateBadge } from "../panels/icons";
import { Chooser, searchField } from "../panels/tools";
import type { ComparedRun } from "../protocol";
import type { CompareContext } from "./context";
import { LongList } from "./long-list";
import { found, judgeBy, standing } from "./state";

/** Dashes of swatches, in the order of `dashOf`. */
const DASHES = ["", "5 2", "2 2", "6 2 2 2"];
const SVG = "http://www.w3.org/2000/svg";

interface Row {
  readonly element: HTMLElement;
  readonly box: HTMLInputElement;
  readonly swatch: SVGSVGElement;
  readonly name: HTMLElement;
  readonly state: HTMLElement;
  readonly value: HTMLElement;
  readonly star: HTMLElement;
}

/** As in the style sheet. */
const ROW_PX = 26;

export class RunsList {
  readonly element = h("aside", { class: "nbt-runs", "aria-label": "Runs" });
  private readonly rows = new Map<string, Row>();
  private readonly list: LongList;
  private readonly count = h("span", { class: "nbt-runs-count" });
  private readonly all: HTMLInputElement;
  private readonly metric: Chooser<string>;
  private readonly goal = h("button", { type: "button", class: "nbt-button nbt-goal" });
  private readonly scope: Scope;
  /** Uids of the runs that are plotted, and of the best of them. */
  private shown: ReadonlySet<string> = new Set();
  private top: string | undefined;
  private grouped = false;

  constructor(private readonly context: CompareContext) {
    this.scope = new Scope(context.failed);
    const { state } = context;
    const search = searchField(this.scope, "Search runs", state.runSearch, (text) => {
      state.runSearch = text;
      context.choose();
    });
    const input = search.querySelector("input");
    if (input) input.placeholder = "Search runs";
    this.all = h("input", { type: "checkbox", "aria-label": "Plot all runs" });
    this.metric = new Chooser(this.scope, "Metric by which runs are judged", (metric) => {
      const { head } = context.feed.store;
      if (head) judgeBy(state, metric, head);
      context.choose();
    });
    const forget = (uid: string) => this.rows.delete(uid);
    this.list = new LongList("Runs that are compared", ROW_PX, (uid) => this.shownRow(uid), forget);
    this.list.element.classList.add("nbt-runs-list");
    this.element.append(
      search,
      h("div", { class: "nbt-runs-head" }, h("label", {}, this.all, this.count)),
      h("div", { class: "nbt-runs-head" }, this.metric.element, this.goal),
      this.list.element,
    );
  }

  open(): () => void {
    const { context, scope } = this;
    scope.listen(this.all, "change", () => this.toggleAll(this.all.checked));
    scope.listen(this.list.element, "change", ({ target }) => this.toggle(target as Element));
    scope.listen(this.goal, "click", () => {
      context.state.goal = context.state.goal === "minimize" ? "maximize" : "minimize";
      context.choose();
    });
    this.list.open(scope);
    this.update();
    return () => scope.release();
  }

  update(): void {
    const { feed, state, plotted, best } = this.context;
    const listed = found(feed.store, state);
    this.shown = new Set(plotted().map((run) => run.uid));
    this.top = best();
    this.list.show(listed.map((run) => run.uid));
    const { total } = feed.store;
    const left = total > feed.store.order.length ? `, ${formatCount(total)} in all` : "";
    const there = formatCount(feed.store.order.length);
    setText(this.count, `${formatCount(this.shown.size)} of ${there} plotted${left}`);
    this.all.checked = listed.every((run) => !state.hidden.has(run.uid));
    this.all.indeterminate = !this.all.checked && listed.some((run) => !state.hidden.has(run.uid));
    this.metric.show(
      [["", "Judge by …"]],
      feed.store.keys.map(({ key }) => [key, key]),
      state.metric,
    );
    const word = state.goal === "minimize" ? "min" : "max";
    setText(this.goal, word);
    this.goal.title = `Less is ${state.goal === "minimize" ? "better" : "worse"}: change it`;
    this.goal.setAttribute("aria-label", `${word}. ${this.goal.title}`);
  }

  /** What was drawn may have put the runs into groups, whose colours they have then. */
  colour(): void {
    const { isGrouped } = this.context.drawings;
    if (isGrouped || this.grouped) this.list.place();
    this.grouped = isGrouped;
  }

  private row(uid: string): Row {
    const box = h("input", { type: "checkbox", "data-uid": uid });
    const swatch = document.createElementNS(SVG, "svg");
    swatch.setAttribute("viewBox", "0 0 18 4");
    swatch.setAttribute("class", "nbt-swatch");
    swatch.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", "M0 2h18");
    swatch.append(path);
    const [state, value] = [h("span"), h("span", { class: "nbt-runs-value" })];
    const star = h("span", { class: "nbt-best", title: "The best run", hidden: true });
    star.append(icon("best"), h("span", { class: "nbt-spoken" }, "best"));
    const name = h("span", { class: "nbt-runs-name" });
    const element = h("li", {}, h("label", {}, box, swatch, name), star, value, state);
    return { element, box, swatch, name, state, value, star };
  }

  private shownRow(uid: string): HTMLElement {
    const row = this.rows.get(uid) ?? this.row(uid);
    this.rows.set(uid, row);
    const run = this.context.feed.store.runs.get(uid);
    if (run) this.show(row, run);
    return row.element;
  }

  private show(row: Row, run: ComparedRun): void {
    const { state } = this.context;
    const color = this.context.color(run.uid);
    setText(row.name, run.name || run.id);
    row.element.title = `${run.project}/${run.id}`;
    row.box.checked = !state.hidden.has(run.uid);
    row.element.toggleAttribute("data-off", !this.shown.has(run.uid));
    row.swatch.dataset.color = color === undefined ? "none" : String(color % 6);
    row.swatch.style.strokeDasharray = DASHES[Math.floor((color ?? 0) / 6) % DASHES.length] ?? "";
    if (row.state.dataset.state !== run.state) {
      row.state.dataset.state = run.state;
      row.state.replaceChildren(stateBadge(run.state));
    }
    const value = standing(run, state.metric, state.goal);
    setText(row.value, value === undefined ? "" : formatValue(value));
    row.star.hidden = run.uid !== this.top;
  }

  private toggle(box: Element): void {
    const { hidden } = this.context.state;
    const { uid } = (box as HTMLInputElement).dataset;
    if (uid === undefined) return;
    if ((box as HTMLInputElement).checked) hidden.delete(uid);
    else hidden.add(uid);
    this.context.choose();
  }

  private toggleAll(on: boolean): void {
    const { hidden } = this.context.state;
    for (const run of found(this.context.feed.store, this.context.state)) {
      if (on) hidden.delete(run.uid);
      else hidden.add(run.uid);
    }
    this.context.choose();
  }
}
