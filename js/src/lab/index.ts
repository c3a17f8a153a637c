/** The JupyterLab extension: what it adds to the page, one plugin per thing. */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin,
  ILayoutRestorer as Restorer,
} from "@jupyterlab/application";
import { ILayoutRestorer } from "@jupyterlab/application";
import type { ICommandPalette as Palette } from "@jupyterlab/apputils";
import { ICommandPalette } from "@jupyterlab/apputils";
import type { INotebookTracker as Notebooks } from "@jupyterlab/notebook";
import { INotebookTracker } from "@jupyterlab/notebook";
import { offerServerDoor } from "../data";
import { adoptStyles } from "../panels";
import { addSavedComparisons } from "./comparisons";
import { door } from "./connection";
import { addLinks } from "./links";
import { addRunList } from "./list";
import { addSavedPanels } from "./mime";
import styles from "./style.css";
import { addRunTabs } from "./tab";

const runTabs: JupyterFrontEndPlugin = {
  id: "nbtrack-lab:tabs",
  description: "Runs in tabs.",
  autoStart: true,
  optional: [ILayoutRestorer],
  activate: (app: JupyterFrontEnd, restorer: Restorer | null) => addRunTabs(app, restorer),
};

const runList: JupyterFrontEndPlugin = {
  id: "nbtrack-lab:list",
  description: "Runs in the sidebar.",
  autoStart: true,
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (app: JupyterFrontEnd, restorer: Restorer | null, palette: Palette | null) => {
    addStyles();
    addRunList(app, restorer, palette);
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

export default [runTabs, runList, savedPanels, serverDoor, links];
