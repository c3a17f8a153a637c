/** The sidebar as JupyterLab and Notebook hold it. */
import type { ILayoutRestorer, JupyterFrontEnd } from "@jupyterlab/application";
import type { INotebookTracker } from "@jupyterlab/notebook";
import { Widget } from "@lumino/widgets";
import { explain, serverSource } from "./connection";
import { nbtrackIcon } from "./icon";
import type { RunsLine } from "./line";
import { pathOf } from "./notebooks";
import { onPreferences } from "./preferences";
import { Sidebar } from "./sidebar";
import { OPEN_RUN, uidOf } from "./tab";
import { trans } from "./translation";

export const SHOW_RUNS = "nbtrack:show-runs";
const WAKE_MS = 20;
const MOST_COUNTED = 99;
const CAPTION = () => trans.__("Runs (nbtrack)");
const RANK = 550; // below the table of contents, above the extension manager

class RunList extends Widget {
  /** Where it stands; "" before it stands anywhere. */
  side: "" | "left" | "right" = "";
  private readonly sidebar: Sidebar;
  private waking: ReturnType<typeof setTimeout> | undefined;

  constructor(app: JupyterFrontEnd, line: RunsLine, notebooks: INotebookTracker | null) {
    const sidebar = new Sidebar({
      source: serverSource,
      line,
      explain,
      open: ({ uid, workspace, name }) => {
        void app.commands.execute(OPEN_RUN, { uid, workspace, name });
      },
      counted: (open) => this.count(open),
    });
    super({ node: sidebar.element });
    this.sidebar = sidebar;
    this.id = "nbtrack-sidebar";
    const look = () => {
      const panel = notebooks?.currentWidget;
      sidebar.setNotebook(panel ? pathOf(panel) : null);
    };
    notebooks?.currentChanged.connect(look);
    look();
    void app.restored.then(() => sidebar.follow());
    app.shell.currentChanged?.connect((_, { newValue }) => {
      sidebar.mark(uidOf(newValue?.id ?? ""));
    });
    this.title.icon = nbtrackIcon;
    this.title.caption = CAPTION();
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", trans.__("Runs of nbtrack"));
  }

  override dispose(): void {
    this.rest();
    super.dispose();
  }

  /** Shows the runs of one project. */
  seek(project: string): void {
    this.sidebar.only("project", project);
  }

  /** Shows what meets a search. */
  find(search: string): void {
    this.sidebar.find(search);
  }

  /** How many runs are open stands on the sidebar's icon, also while it is hidden. */
  private count(open: number): void {
    const words = trans._n("%1 run is open", "%1 runs are open", open);
    this.title.dataset =
      open > 0 ? { "nbt-open": open > MOST_COUNTED ? `${MOST_COUNTED}+` : `${open}` } : {};
    this.title.caption = open > 0 ? `${CAPTION()}\n${words}` : CAPTION();
  }

  protected override onAfterShow(): void {
    this.wake();
  }

  protected override onAfterAttach(): void {
    this.wake();
  }

  protected override onBeforeHide(): void {
    this.rest();
  }

  protected override onBeforeDetach(): void {
    this.rest();
  }

  /** While a layout is restored a sidebar comes and goes within a moment. */
  private wake(): void {
    clearTimeout(this.waking);
    this.waking = setTimeout(() => {
      if (this.isVisible) this.sidebar.resume();
    }, WAKE_MS);
  }

  private rest(): void {
    clearTimeout(this.waking);
    this.sidebar.pause();
  }

  protected override onActivateRequest(): void {
    this.sidebar.focus();
  }
}

/** Adds the sidebar, and the command that shows it. */
export function addRunList(
  app: JupyterFrontEnd,
  restorer: ILayoutRestorer | null,
  line: RunsLine,
  notebooks: INotebookTracker | null,
): void {
  const list = new RunList(app, line, notebooks);
  onPreferences(({ sidebarSide }) => {
    if (list.side === sidebarSide) return;
    list.side = sidebarSide;
    app.shell.add(list, sidebarSide, { rank: RANK });
  });
  restorer?.add(list, list.id);
  app.commands.addCommand(SHOW_RUNS, {
    label: trans.__("Show Runs"),
    caption: trans.__("Show the runs of the workspaces"),
    icon: nbtrackIcon,
    execute: ({ project, search }) => {
      if (typeof project === "string") list.seek(project);
      if (typeof search === "string") list.find(search);
      app.shell.activateById(list.id);
    },
  });
}
