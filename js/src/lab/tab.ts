/** A run in a tab of the main area, restored when the page is loaded again. */
import type {
  CommandArguments,
  ILayoutRestorer,
  JupyterFrontEnd,
  Shell,
} from "@jupyterlab/application";
import { MainAreaWidget, WidgetTracker } from "@jupyterlab/apputils";
import type { RunHead } from "../protocol";
import { serverSource } from "./connection";
import { nbtrackIcon } from "./icon";
import { Mounted } from "./mounted";
import { RunPanel } from "./run-panel";
import { trans } from "./translation";

export const OPEN_RUN = "nbtrack:open-run";
const TAB_ID = "nbtrack-run-";

/** Which run a tab shows; what a layout keeps of it. */
export interface RunPlace {
  readonly uid: string;
  /** Id of its workspace, or "" for wherever the server finds it. */
  readonly workspace: string;
  readonly name: string;
}

class RunTab extends Mounted<RunPanel> {
  /** @param renamed is called when the run has another name than its place says. */
  constructor(
    public place: RunPlace,
    renamed: (name: string) => void,
  ) {
    const source = serverSource(place.workspace);
    const told = ({ name, id }: RunHead) => {
      if ((name || id) !== this.place.name) renamed(name || id);
    };
    super(new RunPanel({ uid: place.uid, source, height: null, told }));
    this.addClass("nbt-lab-tab");
  }
}

type Tab = MainAreaWidget & { readonly content: RunTab };

/** The tabs of runs that are there. */
export class RunTabs {
  constructor(private readonly tracker: WidgetTracker<Tab>) {}

  /** The run of the tab in front of all; null when that is something else. */
  inFront({ currentWidget }: Shell): RunPlace | null {
    const uid = uidOf(currentWidget?.id ?? "");
    return uid === null ? null : (this.find(uid)?.content.place ?? null);
  }

  find(uid: string): Tab | undefined {
    return this.tracker.find((one) => one.content.place.uid === uid);
  }
}

/** Adds the command that opens tabs. */
export function addRunTabs(app: JupyterFrontEnd, restorer: ILayoutRestorer | null): RunTabs {
  const tracker = new WidgetTracker<Tab>({ namespace: "nbtrack-run" });
  const tabs = new RunTabs(tracker);
  app.commands.addCommand(OPEN_RUN, {
    label: ({ name }) =>
      typeof name === "string" && name ? trans.__("Open Run %1", name) : trans.__("Open Run"),
    icon: nbtrackIcon,
    execute: (given) => {
      const place = placeOf(given);
      if (!place) return;
      let tab = tabs.find(place.uid);
      if (!tab) {
        tab = newTab(place, (changed) => void tracker.save(changed));
        void tracker.add(tab);
        attach(app, tab);
      }
      app.shell.activateById(tab.id);
    },
  });
  void restorer?.restore(tracker, {
    command: OPEN_RUN,
    args: ({ content }: Tab) => ({ ...content.place }),
    name: ({ content }: Tab) => content.place.uid,
  });
  return tabs;
}

/** The run that a tab with this id shows, or null when it is no tab of ours. */
export function uidOf(id: string): string | null {
  return id.startsWith(TAB_ID) ? id.slice(TAB_ID.length) : null;
}

/** Brings the tab of a run to the front. */
export function activateRun(app: JupyterFrontEnd, uid: string): void {
  app.shell.activateById(TAB_ID + uid);
}

/** @param changed is called when a layout should keep something else of it. */
function newTab(place: RunPlace, changed: (tab: Tab) => void): Tab {
  const content = new RunTab(place, (name) => {
    content.place = { ...place, name };
    entitle(tab, name);
    changed(tab);
  });
  const tab = new MainAreaWidget({ content }) as Tab;
  tab.id = TAB_ID + place.uid;
  tab.title.icon = nbtrackIcon;
  tab.title.closable = true;
  entitle(tab, place.name);
  return tab;
}

function entitle({ title }: Tab, name: string): void {
  title.label = name;
  title.caption = trans.__("Run %1", name);
}

/** Notebook 7 has one document in its main area and takes no other: there it goes below. */
export function attach(app: JupyterFrontEnd, tab: MainAreaWidget): void {
  app.shell.add(tab, "main");
  if (tab.isAttached) return;
  tab.addClass("nbt-lab-below");
  app.shell.add(tab, "down");
}

/** The run that a command's arguments name; null where they name none. */
export function placeOf({ uid, workspace, name }: CommandArguments): RunPlace | null {
  if (typeof uid !== "string" || !/^[0-9a-z-]{1,64}$/.test(uid)) return null;
  return {
    uid,
    workspace: typeof workspace === "string" ? workspace : "",
    name: typeof name === "string" && name !== "" ? name : uid,
  };
}
