/** The search of the console: what to look for, which of how many, and the way through them. */
import type { FoundLines } from "../data";
import { h, type Scope, setText } from "./dom";
import { iconButton, searchField } from "./tools";

interface Finding {
  readonly searched: (text: string) => void;
  /** Go on by so many matches. */
  readonly step: (by: number) => void;
}

export class LogFinder {
  readonly element: HTMLElement;
  /** Which match is looked at; -1 before the first. */
  position = -1;
  found: FoundLines | null = null;
  private readonly where = h("span", { class: "nbt-find-where", role: "status" });
  private readonly steps: readonly HTMLButtonElement[];

  constructor(scope: Scope, search: string, finding: Finding) {
    const field = searchField(scope, "Search log", search, finding.searched);
    const back = iconButton("up", "Previous match");
    const on = iconButton("down", "Next match");
    this.steps = [back, on];
    for (const button of this.steps) button.classList.add("nbt-step");
    scope.listen(back, "click", () => finding.step(-1));
    scope.listen(on, "click", () => finding.step(1));
    scope.listen(field, "keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      finding.step(event.shiftKey ? -1 : 1);
    });
    field.append(this.where);
    this.element = h("div", { class: "nbt-finder" }, field, ...this.steps);
    this.update();
  }

  show(found: FoundLines | null): void {
    this.found = found;
    this.position = -1;
    this.update();
  }

  update(): void {
    const { found } = this;
    const count = found?.total ?? 0;
    for (const button of this.steps) {
      button.hidden = !found;
      button.disabled = count === 0;
    }
    setText(this.where, found ? words(found, this.position) : "");
  }
}

function words(found: FoundLines, position: number): string {
  if (found.trouble) return "";
  if (found.pending) return "…";
  const count = found.total.toLocaleString("en-US");
  if (found.total === 0) return "none";
  return position < 0 ? count : `${(position + 1).toLocaleString("en-US")} of ${count}`;
}
