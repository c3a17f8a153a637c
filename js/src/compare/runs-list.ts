/** The runs of a comparison: which are plotted, in which colour, how they stand, which is best. */
import { formatCount, formatValue } from "../chart";
import { h, Scope, setText } from "../panels/dom";
import { icon, stateBadge } from "../panels/icons";
import { Chooser, searchField } from "../panels/tools";
import type { ComparedRun } from "../protocol";
import type { CompareContext } from "./context";
import { found, judgeBy, standing } from "./state";

/** Dashes of swatches, in the order of `dashOf`. */
const DASHES = ["", "5 2", "2 2", "6 2 2 2"];
const SVG = "http://www.w3.org/2000/svg";

interface Row {
  readonly element: HTMLElement;
  readonly box: HTMLInputElement;
  readonly swatch: SVGSVGElement;
  readonly state: HTMLElement;
  readonly value: HTMLElement;
  readonly star: HTMLElement;
}

export class RunsList {
  readonly element = h("aside", { class: "nbt-runs", "aria-label": "Runs" });
  private readonly rows = new Map<string, Row>();
  private readonly list = h("ul", { class: "nbt-runs-list" });
  private readonly count = h("span", { class: "nbt-runs-count" });
  private readonly all: HTMLInputElement;
  private readonly metric: Chooser<string>;
  private readonly goal = h("button", { type: "button", class: "nbt-button nbt-goal" });
  private readonly scope: Scope;

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
    this.element.append(
      search,
      h("div", { class: "nbt-runs-head" }, h("label", {}, this.all, this.count)),
      h("div", { class: "nbt-runs-head" }, this.metric.element, this.goal),
      this.list,
    );
  }

  open(): () => void {
    const { context, scope } = this;
    scope.listen(this.all, "change", () => this.toggleAll(this.all.checked));
    scope.listen(this.goal, "click", () => {
      context.state.goal = context.state.goal === "minimize" ? "maximize" : "minimize";
      context.choose();
    });
    this.update();
    return () => scope.release();
  }

  update(): void {
    const { feed, state, plotted, best } = this.context;
    const listed = found(feed.store, state);
    const shown = new Set(plotted().map((run) => run.uid));
    this.reconcile(listed);
    const top = best();
    for (const run of listed) this.show(run, shown.has(run.uid), run.uid === top);
    const { total } = feed.store;
    const left = total > feed.store.order.length ? `, ${formatCount(total)} in all` : "";
    setText(this.count, `${shown.size} of ${formatCount(feed.store.order.length)} plotted${left}`);
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

  private reconcile(listed: readonly ComparedRun[]): void {
    const uids = listed.map((run) => run.uid);
    const before = [...this.rows.keys()];
    if (uids.length === before.length && uids.every((uid, i) => uid === before[i])) return;
    const kept = new Map(this.rows);
    this.rows.clear();
    for (const run of listed) this.rows.set(run.uid, kept.get(run.uid) ?? this.row(run.uid));
    this.list.replaceChildren(...[...this.rows.values()].map((row) => row.element));
  }

  private row(uid: string): Row {
    const box = h("input", { type: "checkbox" });
    const { hidden } = this.context.state;
    this.scope.listen(box, "change", () => {
      if (box.checked) hidden.delete(uid);
      else hidden.add(uid);
      this.context.choose();
    });
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
    return { element, box, swatch, state, value, star };
  }

  private show(run: ComparedRun, plotted: boolean, best: boolean): void {
    const row = this.rows.get(run.uid);
    if (!row) return;
    const { state } = this.context;
    const color = this.context.color(run.uid);
    const name = row.element.querySelector<HTMLElement>(".nbt-runs-name");
    if (name) setText(name, run.name || run.id);
    row.element.title = `${run.project}/${run.id}`;
    row.box.checked = !state.hidden.has(run.uid);
    row.element.toggleAttribute("data-off", !plotted);
    row.swatch.dataset.color = color === undefined ? "none" : String(color % 6);
    row.swatch.style.strokeDasharray = DASHES[Math.floor((color ?? 0) / 6) % DASHES.length] ?? "";
    if (row.state.dataset.state !== run.state) {
      row.state.dataset.state = run.state;
      row.state.replaceChildren(stateBadge(run.state));
    }
    const value = standing(run, state.metric, state.goal);
    setText(row.value, value === undefined ? "" : formatValue(value));
    row.star.hidden = !best;
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
