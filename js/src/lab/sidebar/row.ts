/** One run in the sidebar: state, name, times, and the course of its main metric. */

import { formatCount, formatValue } from "../../chart/format";
import { goesOn } from "../../data/states";
import { h, setText } from "../../panels/dom";
import { stateBadge } from "../../panels/icons";
import type { RunRow } from "../../protocol";
import { drawSpark } from "../spark";
import { standing } from "../standing";
import { trans } from "../translation";
import { timesText } from "./page";

const SVG = "http://www.w3.org/2000/svg";

export class Row {
  readonly element: HTMLElement;
  readonly button: HTMLButtonElement;
  private readonly state = h("span", { class: "nbt-lab-state" });
  private readonly name = h("span", { class: "nbt-lab-name" });
  private readonly times = h("span");
  private readonly word = h("span", { class: "nbt-lab-word" });
  private readonly spark = document.createElementNS(SVG, "svg");
  private readonly value = h("span", { class: "nbt-lab-value" });
  private readonly course = h("span", { class: "nbt-lab-course" }, this.spark, this.value);
  private run: RunRow | null = null;
  private column = "";
  private isChosen = false;

  constructor(open: (run: RunRow, event: MouseEvent) => void) {
    this.spark.setAttribute("class", "nbt-lab-spark");
    this.spark.setAttribute("aria-hidden", "true");
    const line = h("span", { class: "nbt-lab-times" }, this.word, " ", this.times);
    this.button = h(
      "button",
      { class: "nbt-lab-run", type: "button", tabindex: -1 },
      this.state,
      h("span", { class: "nbt-lab-words" }, this.name, line),
      this.course,
    );
    this.button.addEventListener("click", (event) => {
      if (this.run) open(this.run, event);
    });
    this.element = h("li", { class: "nbt-lab-item", role: "listitem" }, this.button);
  }

  /**
   * Shows a run as it stands; the same object again costs nothing.
   *
   * @param column The value that is shown in place of the main metric's last, "" for none.
   */
  show(run: RunRow, column: string, now: number): void {
    if (this.run === run && this.column === column) return;
    this.run = run;
    this.column = column;
    this.button.dataset.uid = run.uid;
    this.button.dataset.workspace = run.workspace;
    this.showState(standing(run));
    setText(this.name, run.name || run.id);
    drawSpark(this.spark, run.spark, goesOn(run));
    setText(this.value, this.valueText(run));
    // Without a metric its room is there for the words.
    this.course.hidden = this.value.textContent === "" && run.spark.length === 0;
    this.tick(now);
    this.describe(run);
  }

  /** Tells whether this is the run that the main area shows. */
  mark(marked: boolean): void {
    if (marked) this.button.setAttribute("aria-current", "true");
    else this.button.removeAttribute("aria-current");
  }

  /** Tells whether the run is among those that somebody has selected. */
  choose(isChosen: boolean): void {
    if (this.isChosen === isChosen) return;
    this.isChosen = isChosen;
    this.button.toggleAttribute("data-chosen", isChosen);
    if (this.run) this.describe(this.run);
  }

  /** Lets the times go on. */
  tick(now: number): void {
    if (this.run) setText(this.times, timesText(this.run, now));
  }

  private showState(state: string): void {
    if (this.state.dataset.state === state) return;
    const badge = stateBadge(state);
    this.state.dataset.state = state;
    this.word.dataset.state = state;
    setText(this.word, badge.textContent ?? "");
    badge.lastChild?.remove();
    this.state.replaceChildren(badge);
  }

  private valueText(run: RunRow): string {
    if (this.column !== "") return shown(run.values?.[this.column]);
    const last = run.spark.findLast((one) => one !== null) ?? null;
    return last === null ? "" : formatValue(last);
  }

  private describe(run: RunRow): void {
    const { spark_key: key, notebook, step } = run;
    const name = run.name || run.id;
    const about = this.column || key;
    const course = about === "" ? [] : [`${about} ${this.value.textContent || "–"}`];
    const chosen = this.isChosen ? [trans.__("selected")] : [];
    const label = [name, standing(run), ...course, ...chosen].join(", ");
    this.button.setAttribute("aria-label", label);
    this.button.title = [
      name,
      run.state,
      ...course,
      ...(step === null ? [] : [trans.__("step %1", formatCount(step))]),
      ...(run.group === "" ? [] : [run.group]),
      ...run.tags.map((tag) => `#${tag}`),
      ...(notebook === null ? [] : [notebook]),
      trans.__("Ctrl or ⌘ and click: select"),
    ].join("\n");
  }
}

function shown(value: unknown): string {
  if (typeof value === "number") return formatValue(value);
  return value === undefined || value === null ? "" : String(value);
}
