/** The open run of the notebook in front, in the status bar: how it stands, a click away. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { IStatusBar } from "@jupyterlab/statusbar";
import { Widget } from "@lumino/widgets";
import { h, setText, stateBadge } from "../panels";
import type { RunRow } from "../protocol";
import type { CurrentRun } from "./current";
import { courseOf, standing } from "./standing";
import { OPEN_RUN } from "./tab";
import { trans } from "./translation";

/** Right of what is said of the kernel. */
const RANK = 3;

/** Shows the open run of the notebook in front. */
export function addStatusItem(app: JupyterFrontEnd, bar: IStatusBar, current: CurrentRun): void {
  const item = new StatusItem(({ uid, workspace, name }) => {
    void app.commands.execute(OPEN_RUN, { uid, workspace, name });
  });
  bar.registerStatusItem("nbtrack-lab:status", {
    item,
    align: "left",
    rank: RANK,
    isActive: () => item.isActive,
  });
  current.onChange((run) => item.tell(run));
}

export class StatusItem extends Widget {
  private readonly state = h("span", { class: "nbt-lab-state" });
  private readonly name = h("span", { class: "nbt-lab-status-name" });
  private readonly course = h("span", { class: "nbt-lab-status-course" });
  private readonly button = h("button", { type: "button", class: "nbt-lab-status-button" });
  private run: RunRow | null = null;

  constructor(open: (run: RunRow) => void) {
    super();
    this.addClass("nbt-lab-status");
    this.button.append(this.state, this.name, this.course);
    this.button.addEventListener("click", () => {
      if (this.run) open(this.run);
    });
    this.node.append(this.button);
    this.hide();
  }

  get isActive(): boolean {
    return this.run !== null;
  }

  /** Shows a run as it stands, or nothing. */
  tell(run: RunRow | null): void {
    this.run = run;
    this.setHidden(run === null);
    if (!run) return;
    const state = standing(run);
    const name = run.name || run.id;
    if (this.state.dataset.state !== state) {
      this.state.dataset.state = state;
      this.state.replaceChildren(stateBadge(state));
    }
    setText(this.name, name);
    const course = courseOf(run);
    setText(this.course, course);
    const words = [name, state, course].filter(Boolean).join(", ");
    this.button.setAttribute("aria-label", trans.__("Run of this notebook: %1", words));
    this.button.title = trans.__("%1\nOpen the run", words);
  }
}
