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
import type { IStatusBar as StatusBar } from "@jupyterlab/statusbar";
import { IStatusBar } from "@jupyterlab/statusbar";
import type { ITranslator as Translator } from "@jupyterlab/translation";
import { ITranslator } from "@jupyterlab/translation";
import { offerHost, offerServerDoor } from "../data";
import { addChosenCommands } from "./chosen";
import { addRunCommands, SAVE_REPORT } from "./commands";
import { addSavedComparisons } from "./comparisons";
import { door, serverSource } from "./connection";
import { CurrentRun } from "./current";
import { Jump } from "./jump";
import { RunsLine } from "./line";
import { addLinks } from "./links";
import { addRunList } from "./list";
import { addSavedPanels } from "./mime";
import { chartHabitsIn, followSettings, preferences, SETTINGS } from "./preferences";
import { addRunsTable } from "./runs-table";
import { addStatusItem } from "./status";
import styles from "./style.css";
import { addRunTabs } from "./tab";
import { addToasts } from "./toasts";
import { speak } from "./translation";

const line = new RunsLine(serverSource);

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
    IStatusBar,
    ISettingRegistry,
  ],
  activate: (
    app: JupyterFrontEnd,
    notebooks: Notebooks | null,
    translator: Translator | null,
    restorer: Restorer | null,
    palette: Palette | null,
    launcher: Launcher | null,
    statusBar: StatusBar | null,
    settings: Settings | null,
  ) => {
    speak(translator);
    addStyles();
    const tabs = addRunTabs(app, restorer);
    const current = notebooks && new CurrentRun(line, notebooks);
    const chosen = addChosenCommands(app, palette);
    addRunList(app, restorer, line, current, chosen);
    addRunsTable(app, restorer, palette, chosen);
    const jump = new Jump(app, notebooks);
    addRunCommands({ app, tabs, jump, line, current, chosen }, palette, launcher);
    if (current && statusBar) addStatusItem(app, statusBar, current);
    offerHost({
      showCell: (uid, name) => void jump.toCell({ uid, workspace: "", name }),
      saveReport: (uid, name) => void app.commands.execute(SAVE_REPORT, { uid, name }),
      get confirmsStop() {
        return preferences().confirmStop;
      },
      get charts() {
        return chartHabitsIn(preferences());
      },
    });
    if (settings) void followSettings(settings);
    // The page is to be there before anything asks the server.
    void app.restored.then(() => {
      current?.follow(app);
      addToasts(app, line, current);
      void jump.atStart();
    });
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
}

export default [runs, savedPanels, serverDoor, links];
