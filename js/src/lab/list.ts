/** The sidebar as JupyterLab and Notebook hold it. */
import type { ILayoutRestorer, JupyterFrontEnd } from "@jupyterlab/application";
import { Widget } from "@lumino/widgets";
import { explain, serverSource } from "./connection";
import { nbtrackIcon } from "./icon";
import { onPreferences } from "./preferences";
import { Sidebar } from "./sidebar";
import { OPEN_RUN, uidOf } from "./tab";
import { trans } from "./translation";

export const SHOW_RUNS = "nbtrack:show-runs";
const WAKE_MS = 20;
const RANK = 550; // below the table of contents, above the extension manager

class RunList extends Widget {
  /** Where it stands; "" before it stands anywhere. */
  side: "" | "left" | "right" = "";
  private readonly sidebar: Sidebar;
  private waking: ReturnType<typeof setTimeout> | undefined;

  constructor(app: JupyterFrontEnd) {
    const sidebar = new Sidebar({
      source: serverSource,
      explain,
      open: ({ uid, workspace, name }) => {
        void app.commands.execute(OPEN_RUN, { uid, workspace, name });
      },
    });
    super({ node: sidebar.element });
    this.sidebar = sidebar;
    this.id = "nbtrack-sidebar";
    app.shell.currentChanged?.connect((_, { newValue }) => {
      sidebar.mark(uidOf(newValue?.id ?? ""));
    });
    this.title.icon = nbtrackIcon;
    this.title.caption = trans.__("Runs (nbtrack)");
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", trans.__("Runs of nbtrack"));
  }

  override dispose(): void {
    this.rest();
    super.dispose();
  }

  /** Shows the runs of one project. */
  seek(project: string): void {
    this.sidebar.seek(project.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
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
export function addRunList(app: JupyterFrontEnd, restorer: ILayoutRestorer | null): void {
  const list = new RunList(app);
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
    execute: ({ project }) => {
      if (typeof project === "string") list.seek(project);
      app.shell.activateById(list.id);
    },
  });
}
