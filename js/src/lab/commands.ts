/**
 * What can be done with a run from the palette, a menu, a shortcut or the row of a list.
 *
 * A command is about the run that its arguments name, else about the one that was pointed at,
 * else about the run in the tab in front, else about the run of the notebook in front.
 */
import type { CommandArguments, JupyterFrontEnd } from "@jupyterlab/application";
import type { ICommandPalette } from "@jupyterlab/apputils";
import { Clipboard, Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import type { ILauncher } from "@jupyterlab/launcher";
import { ServerConnection } from "@jupyterlab/services";
import { goesOn } from "../data/states";
import { finishRuns } from "./acting";
import { addressOf } from "./address";
import type { Chosen } from "./chosen";
import { door, fetchOrigin, saveExport } from "./connection";
import type { CurrentRun } from "./current";
import { actOnSelected, compareTogether } from "./deeds";
import type { Jump } from "./jump";
import type { RunsLine } from "./line";
import { SHOW_RUNS } from "./list";
import type { Makers } from "./notebooks";
import { openAsked } from "./opening";
import { preferences } from "./preferences";
import { OPEN_TABLE } from "./runs-table";
import { ENDED_STATES } from "./standing";
import { OPEN_RUN, placeOf, type RunPlace, type RunTabs } from "./tab";
import { keyOf } from "./table/selection";
import { trans } from "./translation";

export const OPEN_CURRENT_RUN = "nbtrack:open-current-run";
export const SHOW_CELL = "nbtrack:show-cell";
export const SHOW_NOTEBOOK = "nbtrack:show-notebook";
export const COPY_ADDRESS = "nbtrack:copy-address";
export const SAVE_REPORT = "nbtrack:save-report";
export const STOP_RUN = "nbtrack:stop-run";
export const FINISH_RUN = "nbtrack:finish-run";
export const TRASH_RUN = "nbtrack:trash-run";
export const COMPARE_CURRENT = "nbtrack:compare-current-runs";
export const FIND_RUN = "nbtrack:find-run";
const CATEGORY = "nbtrack";
const TOLD_MS = 3_000;
const TROUBLE_MS = 10_000;
/** The newest ones; more of them are compared from the table. */
const MOST_COMPARED = 50;

export interface Surroundings {
  readonly app: JupyterFrontEnd;
  readonly tabs: RunTabs;
  readonly jump: Jump;
  readonly line: RunsLine;
  /** The open run of the notebook in front; null where the page has no notebooks. */
  readonly current: CurrentRun | null;
  readonly chosen: Chosen;
}

/** Adds the commands, and their entries in the palette and in the launcher. */
export function addRunCommands(
  { app, tabs, jump, line, current, chosen }: Surroundings,
  palette: ICommandPalette | null,
  launcher: ILauncher | null,
): void {
  const ofNotebook = () => placeOf({ ...current?.run });
  const runOf = (args: CommandArguments) =>
    placeOf(args) ?? pointedAt(app, args) ?? tabs.inFront(app.shell) ?? ofNotebook();
  const add = (id: string, label: string, act: (run: RunPlace) => Promise<void>, from = runOf) => {
    app.commands.addCommand(id, {
      label,
      isEnabled: (args) => from(args) !== null,
      execute: async (args) => {
        const run = from(args);
        if (run) await act(run);
      },
    });
    palette?.addItem({ command: id, category: CATEGORY });
  };
  add(OPEN_CURRENT_RUN, trans.__("Open Run of This Notebook"), (run) => open(app, run), ofNotebook);
  add(SHOW_CELL, trans.__("Go to Cell That Made the Run"), (run) => jump.toCell(run));
  add(SHOW_NOTEBOOK, trans.__("Open Notebook of the Run"), (run) => jump.toNotebook(run));
  add(COPY_ADDRESS, trans.__("Copy Address of the Run"), copyAddress);
  add(SAVE_REPORT, trans.__("Save Report of the Run"), report);
  const idleRunOf = (args: CommandArguments) => (mayBeIdle(app, args) ? runOf(args) : null);
  add(FINISH_RUN, trans.__("Finish the Run…"), finish, idleRunOf);
  const openRunOf = (args: CommandArguments) => (hasEnded(app, args) ? null : runOf(args));
  add(STOP_RUN, trans.__("Stop the Run…"), stop, openRunOf);
  const endedRunOf = (args: CommandArguments) => (mayHaveEnded(app, args) ? runOf(args) : null);
  add(TRASH_RUN, trans.__("Move the Run to Trash…"), (run) => trash(app, chosen, run), endedRunOf);
  if (current) {
    app.commands.addCommand(COMPARE_CURRENT, {
      label: trans.__("Compare Runs of This Notebook"),
      isEnabled: () => current.makers !== null,
      execute: () => current.makers && compare(app, line, current.makers),
    });
    palette?.addItem({ command: COMPARE_CURRENT, category: CATEGORY });
  }
  app.commands.addCommand(FIND_RUN, {
    label: trans.__("Open Run…"),
    caption: trans.__("Open a run by its name, its address or its path"),
    execute: () => openAsked(app, line),
  });
  for (const command of [SHOW_RUNS, FIND_RUN]) palette?.addItem({ command, category: CATEGORY });
  launcher?.add({ command: OPEN_TABLE, category: trans.__("Other"), args: { isLauncher: true } });
}

function rowAt(app: JupyterFrontEnd, { pointed }: CommandArguments): HTMLElement | undefined {
  if (pointed !== true) return undefined;
  return app.contextMenuHitTest((node) => node.dataset.uid !== undefined);
}

/** How the run stands that a menu was opened on; undefined where none was. */
function stateAt(app: JupyterFrontEnd, args: CommandArguments): string | undefined {
  return rowAt(app, args)?.querySelector<HTMLElement>("[data-state]")?.dataset.state;
}

/** Whether a menu was opened on a run that nobody can stop any more. */
function hasEnded(app: JupyterFrontEnd, args: CommandArguments): boolean {
  return ENDED_STATES.includes(stateAt(app, args) ?? "");
}

/** Whether no menu was opened on a run that goes on. */
function mayHaveEnded(app: JupyterFrontEnd, args: CommandArguments): boolean {
  const state = stateAt(app, args) ?? "";
  return state !== "idle" && !goesOn({ state });
}

/** Whether no menu was opened on a run that has ended, or in which something goes on. */
function mayBeIdle(app: JupyterFrontEnd, args: CommandArguments): boolean {
  return (stateAt(app, args) ?? "idle") === "idle";
}

/** The run of the row that a menu was opened on. */
function pointedAt(app: JupyterFrontEnd, args: CommandArguments): RunPlace | null {
  const row = rowAt(app, args);
  if (!row) return null;
  const { uid, workspace } = row.dataset;
  const name = row.querySelector(".nbt-lab-name")?.textContent ?? uid;
  return placeOf({ uid, workspace, name });
}

async function open({ commands }: JupyterFrontEnd, run: RunPlace): Promise<void> {
  await commands.execute(OPEN_RUN, { ...run });
}

async function compare(app: JupyterFrontEnd, line: RunsLine, makers: Makers) {
  try {
    const made = await line.once("compared", { only: { ...makers }, limit: MOST_COMPARED });
    if (made.length === 0) throw new Error(trans.__("This notebook has made no runs yet."));
    await compareTogether(app, made.map(keyOf));
  } catch (error) {
    Notification.warning((error as Error).message, { autoClose: TROUBLE_MS });
  }
}

async function copyAddress({ uid, workspace }: RunPlace): Promise<void> {
  try {
    const { notebook, path } = await fetchOrigin(uid, workspace);
    const { baseUrl } = ServerConnection.makeSettings();
    const address = addressOf(new URL(baseUrl, window.location.href).href, notebook, path);
    Clipboard.copyToSystem(address);
    Notification.success(trans.__("The address is copied."), { autoClose: TOLD_MS });
  } catch (error) {
    Notification.error(`nbtrack: ${(error as Error).message}`, { autoClose: TROUBLE_MS });
  }
}

async function report({ uid, name }: RunPlace): Promise<void> {
  const told = Notification.emit(trans.__("Writing the report of %1 …", name), "in-progress", {
    autoClose: false,
  });
  try {
    await saveExport([uid], "html", "report");
    Notification.dismiss(told);
  } catch (error) {
    Notification.dismiss(told);
    const words = trans.__("The report of %1 is not written: %2", name, (error as Error).message);
    Notification.error(words, { autoClose: TROUBLE_MS });
  }
}

async function finish({ uid, name }: RunPlace): Promise<void> {
  const question = {
    title: trans.__("Finish run %1?", name),
    body: trans.__("It ends as finished. Its kernel stays, and cannot log to it any more."),
    ...{ no: trans.__("Keep Open"), yes: Dialog.okButton({ label: trans.__("Finish Run") }) },
  };
  if (!(await isSure(question))) return;
  try {
    await finishRuns((ask) => door.send(ask), [uid]);
  } catch (error) {
    const words = trans.__("Run %1 is not finished: %2", name, (error as Error).message);
    Notification.error(words, { autoClose: TROUBLE_MS });
  }
}

async function stop(run: RunPlace): Promise<void> {
  const question = {
    title: trans.__("Stop run %1?", run.name),
    body: trans.__("Its cell is interrupted, its kernel stays."),
    ...{ no: trans.__("Keep Running"), yes: Dialog.warnButton({ label: trans.__("Stop Run") }) },
  };
  if (!(await isSure(question))) return;
  try {
    await door.send({ op: "stop", uid: run.uid });
  } catch (error) {
    const words = trans.__("Run %1 is not stopped: %2", run.name, (error as Error).message);
    Notification.error(words, { autoClose: TROUBLE_MS });
  }
}

async function trash(app: JupyterFrontEnd, chosen: Chosen, run: RunPlace): Promise<void> {
  chosen.gone(await actOnSelected(app, "trash", [keyOf(run)]));
}

interface Query {
  readonly title: string;
  readonly body: string;
  readonly no: string;
  readonly yes: ReturnType<typeof Dialog.okButton>;
}

/** Asks whether a run is to end, unless the settings say that nobody wants to be asked. */
async function isSure({ title, body, no, yes }: Query): Promise<boolean> {
  if (!preferences().confirmStop) return true;
  const buttons = [Dialog.cancelButton({ label: no }), yes];
  const { button } = await showDialog({ title, body, buttons });
  return button.accept;
}
