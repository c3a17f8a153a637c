/** The JupyterLab extension: what it adds to the page, one plugin per thing. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin,
  ILayoutRestorer as Restorer,
} from "@jupyterlab/application";
import { ILayoutRestorer } from "@jupyterlab/application";
import type { ICommandPalette as Palette } from "@jupyterlab/apputils";
import { ICommandPalette } from "@jupyterlab/apputils";
import type { ILauncher as Launcher } from "@jupyterlab/launcher";
import { ILauncher } from "@jupyterlab/launcher";
import type { INotebookTracker as Notebooks } from "@jupyterlab/notebook";
import { INotebookTracker } from "@jupyterlab/notebook";
import type { ISettingRegistry as Settings } from "@jupyterlab/settingregistry";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import type { ITranslator as Translator } from "@jupyterlab/translation";
import { ITranslator } from "@jupyterlab/translation";
import { offerHost, offerServerDoor } from "../data";
import { adoptStyles } from "../panels";
import { addRunCommands } from "./commands";
import { addSavedComparisons } from "./comparisons";
import { door } from "./connection";
import { Jump } from "./jump";
import { addLinks } from "./links";
import { addRunList } from "./list";
import { addSavedPanels } from "./mime";
import { followSettings, preferences, SETTINGS } from "./preferences";
import styles from "./style.css";
import { addRunTabs } from "./tab";
import { speak } from "./translation";

const runs: JupyterFrontEndPlugin = {
  // Its settings lie in a schema of this name.
  id: SETTINGS,
  description: "Runs in the sidebar and in tabs, and what can be done with them.",
  autoStart: true,
  optional: [
    INotebookTracker,
    ITranslator,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher,
    ISettingRegistry,
  ],
  activate: (
    app: JupyterFrontEnd,
    notebooks: Notebooks | null,
    translator: Translator | null,
    restorer: Restorer | null,
    palette: Palette | null,
    launcher: Launcher | null,
    settings: Settings | null,
  ) => {
    speak(translator);
    addStyles();
    const tabs = addRunTabs(app, restorer);
    addRunList(app, restorer);
    const jump = new Jump(app, notebooks);
    addRunCommands({ app, tabs, jump, current: () => null }, palette, launcher);
    offerHost({
      showCell: (uid) => void jump.toCell({ uid, workspace: "", name: uid }),
      get confirmsStop() {
        return preferences().confirmStop;
      },
    });
    if (settings) void followSettings(settings);
  },
};

const savedPanels: JupyterFrontEndPlugin = {
  id: "nbtrack-lab:outputs",
  description: "Runs in saved outputs.",
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_app: JupyterFrontEnd, notebooks: Notebooks) => {
    addSavedPanels(notebooks);
    addSavedComparisons(notebooks);
  },
};

const serverDoor: JupyterFrontEndPlugin = {
  id: "nbtrack-lab:door",
  description: "Stop and zoom while a kernel is busy.",
  autoStart: true,
  activate: () => {
    offerServerDoor(door);
  },
};

const links: JupyterFrontEndPlugin = {
  id: "nbtrack-lab:links",
  description: "Runs by their addresses.",
  autoStart: true,
  activate: (app: JupyterFrontEnd) => addLinks(app),
};

function addStyles(): void {
  const style = document.createElement("style");
  style.textContent = styles;
  document.head.append(style);
  adoptStyles(document.head);
}

export default [runs, savedPanels, serverDoor, links];
