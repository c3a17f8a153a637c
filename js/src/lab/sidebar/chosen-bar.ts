/** The runs that are selected in the list: how many they are, and what can be done with them. */
import { formatCount } from "../../chart/format";
import { h, setText } from "../../panels/dom";
import { icon } from "../../panels/icons";
import type { Deed } from "../chosen";
import { trans } from "../translation";

export class ChosenBar {
  readonly element = h("div", { class: "nbt-lab-chosen", role: "toolbar" });
  private readonly count = h("strong", { role: "status" });

  constructor(act: (deed: Deed) => void, clear: () => void) {
    this.element.setAttribute("aria-label", trans.__("Selected runs"));
    const button = (word: string, deed: Deed) => {
      const made = h("button", { class: "nbt-lab-link", type: "button" }, word);
      made.addEventListener("click", () => act(deed));
      return made;
    };
    const none = h(
      "button",
      { class: "nbt-lab-icon-button", type: "button", "aria-label": trans.__("Select none") },
      icon("close"),
    );
    none.addEventListener("click", clear);
    this.element.append(
      h("div", {}, this.count, none),
      button(trans.__("Compare"), "compare"),
      button(trans.__("Tag…"), "tag"),
      button(trans.__("Export…"), "export"),
      button(trans.__("Finish…"), "finish"),
      button(trans.__("Stop…"), "stop"),
      button(trans.__("Move to trash…"), "trash"),
    );
    this.show(0);
  }

  show(count: number): void {
    this.element.hidden = count === 0;
    setText(this.count, trans.__("%1 selected", formatCount(count)));
  }
}
