/** The table of runs and comparisons in tabs of the main area. */
import type { CommandArguments, ILayoutRestorer, JupyterFrontEnd } from "@jupyterlab/application";
import type { ICommandPalette } from "@jupyterlab/apputils";
import { MainAreaWidget, WidgetTracker } from "@jupyterlab/apputils";
import { ServerConnection } from "@jupyterlab/services";
import { Widget } from "@lumino/widgets";
import { h } from "../panels";
import type { Chosen } from "./chosen";
import { load } from "./chunks";
import { ComparedSource } from "./compared";
import { explain, saveExport, serverSource } from "./connection";
import { nbtrackIcon } from "./icon";
import { attach, OPEN_RUN } from "./tab";
import { trans } from "./translation";

export const OPEN_TABLE = "nbtrack:open-table";
export const COMPARE_RUNS = "nbtrack:compare-runs";
const TABLE_ID = "nbtrack-table";
export const MOST_COMPARED = 1_000;

interface View {
  mount(host: HTMLElement): () => void;
}

/** A view whose code is loaded when it is shown first. */
class Later extends Widget {
  private free: () => void = () => {};
  private shows = 0;

  constructor(private readonly make: () => Promise<View>) {
    super();
    this.addClass("nbt-lab-tab");
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.rest();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    void this.begin();
  }

  protected override onBeforeDetach(): void {
    this.rest();
  }

  private async begin(): Promise<void> {
    const show = ++this.shows;
    this.node.replaceChildren();
    try {
      const view = await this.make();
      if (show === this.shows && !this.isDisposed) this.free = view.mount(this.node);
    } catch (error) {
      if (show === this.shows) this.fail((error as Error).message);
    }
  }

  private rest(): void {
    this.shows++;
    this.free();
    this.free = () => {};
  }

  private fail(why: string): void {
    const again = h("button", { type: "button", class: "nbt-lab-link" }, trans.__("Try again"));
    again.addEventListener("click", () => void this.begin());
    const words = h("p", {}, trans.__("This could not be loaded: %1", why));
    this.node.replaceChildren(h("div", { class: "nbt-lab nbt-lab-nothing" }, words, again));
  }
}

type Tab = MainAreaWidget & { readonly content: Later };

interface ComparisonTab extends Tab {
  readonly runs: readonly string[];
}

/** Adds the commands that open the table and comparisons, and restores what was open. */
export function addRunsTable(
  app: JupyterFrontEnd,
  restorer: ILayoutRestorer | null,
  palette: ICommandPalette | null,
  chosen: Chosen,
): void {
  addComparisons(app, restorer);
  const tracker = new WidgetTracker<Tab>({ namespace: "nbtrack-table" });
  app.commands.addCommand(OPEN_TABLE, {
    label: ({ isLauncher }) => (isLauncher ? trans.__("Runs") : trans.__("Open Table of Runs")),
    icon: nbtrackIcon,
    execute: () => {
      let tab = tracker.find(() => true);
      if (!tab) {
        tab = tabOf(TABLE_ID, trans.__("Runs"), new Later(() => tableOf(app, chosen)));
        void tracker.add(tab);
        attach(app, tab);
      }
      app.shell.activateById(tab.id);
    },
  });
  palette?.addItem({ command: OPEN_TABLE, category: "nbtrack" });
  void restorer?.restore(tracker, { command: OPEN_TABLE, args: () => ({}), name: () => TABLE_ID });
}

async function tableOf(app: JupyterFrontEnd, chosen: Chosen): Promise<View> {
  const { RunsTable } = await load("table");
  return new RunsTable(
    {
      place: new URL(ServerConnection.makeSettings().baseUrl, window.location.href).pathname,
      source: () => serverSource(),
      load: () => load("comparison"),
      openRun: (run) => void app.commands.execute(OPEN_RUN, { ...run }),
      compare: (uids) => void app.commands.execute(COMPARE_RUNS, { runs: uids }),
      exportAs: saveExport,
      chosen,
      explain,
    },
    trans,
  );
}

function addComparisons(app: JupyterFrontEnd, restorer: ILayoutRestorer | null): void {
  const tracker = new WidgetTracker<ComparisonTab>({ namespace: "nbtrack-comparison" });
  app.commands.addCommand(COMPARE_RUNS, {
    label: trans.__("Compare Runs"),
    icon: nbtrackIcon,
    execute: (given) => {
      const runs = runsIn(given);
      if (runs.length === 0) return;
      const id = `nbtrack-${uidOf(runs)}`;
      let tab = tracker.find((one) => one.id === id);
      if (!tab) {
        const title = trans._n("%1 run", "%1 runs", runs.length);
        const made = tabOf(id, trans.__("Compare %1", title), new Later(() => comparisonOf(runs)));
        tab = Object.assign(made, { runs });
        void tracker.add(tab);
        attach(app, tab);
      }
      app.shell.activateById(id);
    },
  });
  void restorer?.restore(tracker, {
    command: COMPARE_RUNS,
    args: ({ runs }: ComparisonTab) => ({ runs }),
    name: ({ id }: ComparisonTab) => id,
  });
}

async function comparisonOf(runs: readonly string[]): Promise<View> {
  const { CompareView } = await load("comparison");
  const uid = uidOf(runs);
  const source = new ComparedSource(serverSource(), uid, runs);
  return new CompareView({ uid, source, saved: null, height: null });
}

function tabOf(id: string, label: string, content: Later): Tab {
  const tab = new MainAreaWidget({ content }) as Tab;
  tab.id = id;
  tab.title.label = label;
  tab.title.caption = label;
  tab.title.icon = nbtrackIcon;
  tab.title.closable = true;
  return tab;
}

/** The runs that a command's arguments name; a layout that was kept may hold anything. */
function runsIn({ runs }: CommandArguments): string[] {
  const said: readonly unknown[] = Array.isArray(runs) ? runs : [];
  const uids = said.filter(
    (uid): uid is string => typeof uid === "string" && /^[0-9a-z-]{1,64}$/.test(uid),
  );
  return [...new Set(uids)].slice(0, MOST_COMPARED);
}

/** The same for the same runs, in whatever order they were chosen: so is how they are looked at. */
function uidOf(runs: readonly string[]): string {
  const hash = (seed: number) => {
    let value = seed;
    for (const letter of [...runs].sort().join())
      value = Math.imul(value ^ letter.charCodeAt(0), 0x01000193);
    return ((value ^ (value >>> 15)) >>> 0).toString(16).padStart(8, "0");
  };
  return `compare-${hash(0x811c9dc5)}${hash(0x9e3779b9)}`;
}
