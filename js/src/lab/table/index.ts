/** The table of runs, which is loaded when it is opened first. */
import type { TranslationBundle } from "@jupyterlab/translation";
import { adoptStyles } from "../../panels/styles";
import { speak } from "../translation";
import STYLES from "./table.css";
import { type RunsTableOptions, RunsTable as Table } from "./view";

export class RunsTable extends Table {
  /** @param words the language of the page: this module is a bundle of its own. */
  constructor(options: Omit<RunsTableOptions, "adopt">, words: TranslationBundle) {
    speak({ load: () => words });
    super({ ...options, adopt: addStyles });
  }
}

const MARK = "data-nbtrack-table";

function addStyles(): void {
  adoptStyles(document.head);
  if (document.head.querySelector(`style[${MARK}]`)) return;
  const style = document.createElement("style");
  style.setAttribute(MARK, "");
  style.textContent = STYLES;
  document.head.append(style);
}
