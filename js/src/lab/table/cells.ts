/** What stands in the cells of a run. Everything that a run says becomes text. */

import { formatAge, formatDuration, formatValue } from "../../chart/format";
import { goesOn } from "../../data/states";
import { h, setText } from "../../panels/dom";
import { stateBadge } from "../../panels/icons";
import type { RunRow } from "../../protocol";
import { drawSpark } from "../spark";
import { type Column, cellText, standsRight, valueIn, wholeCellText } from "./columns";

const SVG = "http://www.w3.org/2000/svg";
const MOST_TAGS = 12;

/** Fills a cell. */
export function fillCell(cell: HTMLElement, run: RunRow, column: Column, now: number): void {
  const value = valueIn(run, column);
  cell.classList.toggle("nbt-rt-right", standsRight(column, value));
  cell.title = column.kind === "spark" ? run.spark_key : wholeCellText(column, value);
  switch (column.kind) {
    case "state":
      cell.replaceChildren(stateOf(run));
      break;
    case "tags":
      cell.replaceChildren(...run.tags.slice(0, MOST_TAGS).map(tagChip));
      break;
    case "spark":
      cell.replaceChildren(...courseOf(run));
      break;
    case "age":
    case "duration":
      tickCell(cell, run, column, now);
      break;
    default:
      setText(cell, cellText(column, value));
  }
}

/** Lets the time in a cell go on. */
export function tickCell(cell: HTMLElement, run: RunRow, column: Column, now: number): void {
  if (column.kind === "age") setText(cell, formatAge(now - run.started));
  if (column.kind !== "duration") return;
  const more = goesOn(run) && run.ticking ? Math.max(0, now - run.seen) : 0;
  setText(cell, formatDuration(run.active + more));
}

function stateOf(run: RunRow): HTMLElement {
  const badge = stateBadge(run.state);
  if (run.state === "running" && !run.ticking) {
    (badge.lastElementChild as HTMLElement).textContent = "Open, idle";
    badge.dataset.state = "pending";
  }
  return badge;
}

function tagChip(tag: string): HTMLElement {
  return h("span", { class: "nbt-rt-chip" }, tag);
}

function courseOf(run: RunRow): Element[] {
  const value = run.spark.findLast((one) => one !== null) ?? null;
  if (value === null) return [];
  const spark = document.createElementNS(SVG, "svg");
  spark.setAttribute("class", "nbt-rt-spark");
  spark.setAttribute("aria-hidden", "true");
  drawSpark(spark, run.spark, goesOn(run));
  return [spark, h("span", { class: "nbt-rt-last" }, formatValue(value))];
}
