/** One run in the sidebar: state, name, times, and the course of its main metric. */
import { formatCount, formatValue } from "../chart/format";
import { h, setText, stateBadge } from "../panels";
import type { RunRow } from "../protocol";
import { isOpen, timesText } from "./runs";
import { drawSpark } from "./spark";

const SVG = "http://www.w3.org/2000/svg";

export class Row {
  readonly element: HTMLElement;
  private readonly state = h("span", { class: "nbt-lab-state" });
  private readonly name = h("span", { class: "nbt-lab-name" });
  private readonly times = h("span", { class: "nbt-lab-times" });
  private readonly spark = document.createElementNS(SVG, "svg");
  private readonly value = h("span", { class: "nbt-lab-value" });
  private readonly button: HTMLButtonElement;
  private run: RunRow | null = null;

  constructor(open: (run: RunRow) => void) {
    this.spark.setAttribute("class", "nbt-lab-spark");
    this.spark.setAttribute("aria-hidden", "true");
    this.button = h(
      "button",
      { class: "nbt-lab-run", type: "button", tabindex: -1, "data-rove": "" },
      this.state,
      h("span", { class: "nbt-lab-words" }, this.name, this.times),
      h("span", { class: "nbt-lab-course" }, this.spark, this.value),
    );
    this.button.addEventListener("click", () => {
      if (this.run) open(this.run);
    });
    this.element = h("li", { class: "nbt-lab-item", role: "listitem" }, this.button);
  }

  /** Shows a run as it stands; the same object again costs nothing. */
  show(run: RunRow, now: number): void {
    if (this.run === run) return;
    this.run = run;
    this.button.dataset.uid = run.uid;
    this.showState(run.state);
    setText(this.name, run.name || run.id);
    drawSpark(this.spark, run.spark, isOpen(run));
    const value = run.spark.findLast((one) => one !== null) ?? null;
    setText(this.value, value === null ? "" : formatValue(value));
    this.tick(now);
    this.describe(run);
  }

  /** Tells whether this is the run that the main area shows. */
  mark(marked: boolean): void {
    if (marked) this.button.setAttribute("aria-current", "true");
    else this.button.removeAttribute("aria-current");
  }

  /** Lets the times go on. */
  tick(now: number): void {
    if (this.run) setText(this.times, timesText(this.run, now));
  }

  private showState(state: string): void {
    if (this.state.dataset.state === state) return;
    this.state.dataset.state = state;
    this.state.title = state;
    this.state.replaceChildren(stateBadge(state));
  }

  private describe(run: RunRow): void {
    const { spark_key: key, notebook, state, step } = run;
    const name = run.name || run.id;
    const course = key === "" ? [] : [`${key} ${this.value.textContent}`];
    this.button.setAttribute("aria-label", [name, state, ...course].join(", "));
    this.button.title = [
      name,
      state,
      ...course,
      ...(step === null ? [] : [`step ${formatCount(step)}`]),
      ...run.tags.map((tag) => `#${tag}`),
      ...(notebook === null ? [] : [notebook]),
    ].join("\n");
  }
}
