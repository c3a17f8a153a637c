/** The sidebar as JupyterLab and Notebook hold it. */

import type { ILayoutRestorer, JupyterFrontEnd } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { h } from "../panels";
import type { RunRow } from "../protocol";
import type { Chosen, Deed } from "./chosen";
import { type Chunk, load } from "./chunks";
import { explain, serverSource } from "./connection";
import type { CurrentRun } from "./current";
import { actOnSelected } from "./deeds";
import { nbtrackIcon } from "./icon";
import type { RunsLine } from "./line";
import { DEFAULTS, onPreferences } from "./preferences";
import type { Sidebar } from "./sidebar";
import { OPEN_RUN, uidOf } from "./tab";
import type { RunKey } from "./table/selection";
import { trans } from "./translation";

export const SHOW_RUNS = "nbtrack:show-runs";
const WAKE_MS = 20;
const TROUBLE_MS = 10_000;
const MOST_COUNTED = 99;
const CAPTION = () => trans.__("Runs (nbtrack)");
const RANK = 550; // below the table of contents, above the extension manager

class RunList extends Widget {
  private loaded: Promise<Sidebar> | null = null;
  private waking: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly line: RunsLine,
    private readonly current: CurrentRun | null,
    private readonly chosen: Chosen,
  ) {
    super();
    this.id = "nbtrack-sidebar";
    this.title.icon = nbtrackIcon;
    this.title.caption = CAPTION();
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", trans.__("Runs of nbtrack"));
  }

  /** Follows what is open, once the page is there: nobody waits for that. */
  follow(): void {
    this.line.followOpen((runs) => this.count(runs.length));
    void this.sidebar().catch(() => {});
  }

  override dispose(): void {
    this.rest();
    super.dispose();
  }

  /** Does something with the list when it is there. */
  tell(action: (sidebar: Sidebar) => void): void {
    this.sidebar().then(action, (error: Error) => {
      const words = trans.__("This could not be loaded: %1", error.message);
      this.node.replaceChildren(h("p", { class: "nbt-lab nbt-lab-nothing" }, words));
      this.loaded = null;
    });
  }

  private sidebar(): Promise<Sidebar> {
    this.loaded ??= load("sidebar").then(({ Sidebar }) => this.begun(Sidebar));
    return this.loaded;
  }

  private begun(Made: Chunk<"sidebar">["Sidebar"]): Sidebar {
    const { app, line, current, chosen } = this;
    const open = ({ uid, workspace, name }: RunRow) => {
      void app.commands.execute(OPEN_RUN, { uid, workspace, name });
    };
    const act = (deed: Deed, keys: readonly RunKey[]) =>
      actOnSelected(app, deed, keys).catch((error: Error) => {
        Notification.error(`nbtrack: ${error.message}`, { autoClose: TROUBLE_MS });
        return [];
      });
    const sidebar = new Made({ source: serverSource, line, explain, open, act, chosen }, trans);
    this.node.replaceChildren(sidebar.element);
    current?.onMakers((makers) => sidebar.setMakers(makers));
    app.shell.currentChanged?.connect((_, { newValue }) => {
      sidebar.mark(uidOf(newValue?.id ?? ""));
    });
    return sidebar;
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
      if (this.isVisible) this.tell((sidebar) => this.isVisible && sidebar.resume());
    }, WAKE_MS);
  }

  private rest(): void {
    clearTimeout(this.waking);
    void this.loaded?.then((sidebar) => this.isVisible || sidebar.pause());
  }

  protected override onActivateRequest(): void {
    this.tell((sidebar) => sidebar.focus());
  }
}

/** Adds the sidebar, and the command that shows it. */
export function addRunList(
  app: JupyterFrontEnd,
  restorer: ILayoutRestorer | null,
  line: RunsLine,
  current: CurrentRun | null,
  chosen: Chosen,
): void {
  const list = new RunList(app, line, current, chosen);
  void app.restored.then(() => list.follow());
  let side = DEFAULTS.sidebarSide;
  app.shell.add(list, side, { rank: RANK });
  onPreferences(({ sidebarSide }) => {
    if (sidebarSide === side) return;
    side = sidebarSide;
    // A layout puts it back where it was; the settings have the last word.
    void app.restored.then(() => move(app, list, sidebarSide));
  });
  restorer?.add(list, list.id);
  app.commands.addCommand(SHOW_RUNS, {
    label: trans.__("Show Runs"),
    caption: trans.__("Show the runs of the workspaces"),
    icon: nbtrackIcon,
    execute: ({ project, search }) => {
      if (typeof project === "string") list.tell((sidebar) => sidebar.only("project", project));
      if (typeof search === "string") list.tell((sidebar) => sidebar.find(search));
      app.shell.activateById(list.id);
    },
  });
}

function move(app: JupyterFrontEnd, list: RunList, side: "left" | "right"): void {
  if (list.parent?.id === `jp-${side}-stack`) return;
  const { isVisible } = list;
  app.shell.add(list, side, { rank: RANK });
  if (isVisible) app.shell.activateById(list.id);
}
