/** From a run to the notebook that made it, and to the cell in it. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import type { Cell, INotebookTracker, Notebook, NotebookPanel } from "@jupyterlab/notebook";
import { ServerConnection } from "@jupyterlab/services";
import { pageOf, runInFragment } from "./address";
import { fetchOrigin, type Origin } from "./connection";
import { pathOf } from "./notebooks";
import type { RunPlace } from "./tab";
import { trans } from "./translation";

const TOLD_MS = 8_000;
const LOOK_MS = 120;
const MOST_LOOKS = 20;
const FLASH = "nbt-lab-flash";
/** As long as the animation of that class takes. */
const FLASH_MS = 1_600;

/** The application in which each notebook is a page of its own. */
const OF_PAGES = "Jupyter Notebook";

/** Why there is no notebook to show, in words. */
class NoNotebookError extends Error {}

/** Opens notebooks and finds cells in them. */
export class Jump {
  /** Read at once: the page writes its address anew while it begins. */
  private readonly asked = runInFragment(window.location.hash);

  constructor(
    private readonly app: JupyterFrontEnd,
    /** Null where the page has no notebooks. */
    private readonly notebooks: INotebookTracker | null,
  ) {}

  /** Shows the notebook that made a run, or says why it cannot. */
  async toNotebook(place: RunPlace): Promise<void> {
    await this.told(async () => {
      await this.notebookOf(place, await fetchOrigin(place.uid, place.workspace), "");
    });
  }

  /** Shows the cell that made a run, or says why it cannot. */
  async toCell(place: RunPlace): Promise<void> {
    await this.told(async () => {
      const origin = await fetchOrigin(place.uid, place.workspace);
      const panel = await this.notebookOf(place, origin, place.uid);
      if (panel) await showCell(panel, origin, place);
    });
  }

  /** Shows the cell that the page's address asks for, as soon as the page's notebook is there. */
  async atStart(): Promise<void> {
    const { asked: uid, notebooks } = this;
    if (uid === null || !notebooks) return;
    if (runInFragment(window.location.hash) !== null) {
      history.replaceState(history.state, "", window.location.href.replace(/#.*$/, ""));
    }
    const panel = await firstOf(notebooks);
    await panel.context.ready;
    await this.told(async () => {
      const origin = await fetchOrigin(uid, "");
      await showCell(panel, origin, { uid, workspace: "", name: nameIn(origin) });
    });
  }

  private async told(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      Notification.warning((error as Error).message, { autoClose: TOLD_MS });
    }
  }

  /**
   * Brings the notebook to the front; null where it opens in another page.
   *
   * @param shown the run whose cell another page shows, "" for none.
   * @throws NoNotebookError where there is none.
   */
  private async notebookOf(
    place: RunPlace,
    origin: Origin,
    shown: string,
  ): Promise<NotebookPanel | null> {
    const open = this.openPanel(origin) ?? (await this.openFile(place, origin, shown));
    if (open) {
      await open.context.ready;
      this.app.shell.activateById(open.id);
    }
    return open;
  }

  /** A notebook that was given another name is known by its cell. */
  private openPanel({ notebook, cell }: Origin): NotebookPanel | undefined {
    const named = this.notebooks?.find((panel) => notebook !== "" && pathOf(panel) === notebook);
    return named ?? this.notebooks?.find((panel) => cellIn(panel, cell) !== undefined);
  }

  private async openFile(
    { name }: RunPlace,
    origin: Origin,
    shown: string,
  ): Promise<NotebookPanel | null> {
    const { file, notebook } = origin;
    if (file === "")
      throw new NoNotebookError(trans.__("Run %1 was not made in a notebook.", name));
    if (notebook === "") {
      throw new NoNotebookError(
        trans.__("The notebook of run %1 lies outside of this server's folder: %2", name, file),
      );
    }
    await this.demand(notebook, name);
    if (this.app.name === OF_PAGES) {
      openPage(notebook, shown);
      return null;
    }
    const opened = await this.app.commands.execute("docmanager:open", {
      path: notebook,
      factory: "Notebook",
    });
    return isNotebook(opened) ? opened : null;
  }

  /** @throws NoNotebookError where the file is not there any more. */
  private async demand(notebook: string, name: string): Promise<void> {
    try {
      await this.app.serviceManager.contents.get(notebook, { content: false });
    } catch (error) {
      if ((error as { response?: Response }).response?.status !== 404) throw error;
      const words = "The notebook of run %1 is not there any more, or has another name now: %2";
      throw new NoNotebookError(trans.__(words, name, notebook));
    }
  }
}

function openPage(notebook: string, shown: string): void {
  const { baseUrl } = ServerConnection.makeSettings();
  const address = pageOf(new URL(baseUrl, window.location.href).href, notebook, shown);
  if (window.open(address, "_blank")) return;
  // A browser may open no page that nobody clicked for just now.
  const callback = () => void window.open(address, "_blank");
  const actions = [{ label: trans.__("Open Notebook"), callback }];
  Notification.info(notebook, { autoClose: TOLD_MS, actions });
}

/** The notebook of the page, when it is there. */
function firstOf(notebooks: INotebookTracker): Promise<NotebookPanel> {
  const { currentWidget } = notebooks;
  if (currentWidget) return Promise.resolve(currentWidget);
  return new Promise((resolve) => {
    const added = (_: unknown, panel: NotebookPanel) => {
      notebooks.widgetAdded.disconnect(added);
      resolve(panel);
    };
    notebooks.widgetAdded.connect(added);
  });
}

/** What is known of a run's name from its path: its id. */
function nameIn({ path }: Origin): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function showCell(panel: NotebookPanel, { cell }: Origin, place: RunPlace): Promise<void> {
  const found = cellIn(panel, cell);
  if (!found) {
    const words =
      cell === ""
        ? trans.__("Which cell made run %1 was not noted.", place.name)
        : trans.__("The cell that made run %1 is not in this notebook any more.", place.name);
    Notification.info(words, { autoClose: TOLD_MS });
    return;
  }
  const { content } = panel;
  content.activeCellIndex = content.widgets.indexOf(found);
  await bringIntoView(content, found);
  content.mode = "command";
  flash(found.node);
}

/** Scrolls until the cell stays: those of a notebook that was just opened still grow. */
async function bringIntoView(notebook: Notebook, cell: Cell): Promise<void> {
  let before = Number.NaN;
  for (let look = 0; look < MOST_LOOKS; look++) {
    await notebook.scrollToCell(cell, "center");
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const { top } = cell.node.getBoundingClientRect();
    if (Math.abs(top - before) < 1) return;
    before = top;
  }
}

function cellIn({ content }: NotebookPanel, id: string): Cell | undefined {
  return id === "" ? undefined : content.widgets.find(({ model }) => model.id === id);
}

/** Draws the eye to an element for a moment. */
function flash(element: HTMLElement): void {
  element.classList.remove(FLASH);
  void element.offsetWidth; // so that the animation begins anew
  element.classList.add(FLASH);
  setTimeout(() => element.classList.remove(FLASH), FLASH_MS);
}

function isNotebook(opened: unknown): opened is NotebookPanel {
  return typeof opened === "object" && opened !== null && "sessionContext" in opened;
}
