/** What is done with the runs that are selected in the list, asked in JupyterLab's dialogs. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { formatCount } from "../chart/format";
import { h } from "../panels";
import type { Act } from "../protocol";
import { actOn, doneIn, tagsIn, troublesIn } from "./acting";
import type { Deed } from "./chosen";
import { door, saveExport } from "./connection";
import { EXPORTS, exportWord } from "./exports";
import { doneWords, leftWords, questionOf } from "./questions";
import { COMPARE_RUNS, MOST_COMPARED } from "./runs-table";
import { byWorkspace, type RunKey, uidOf } from "./table/selection";
import { trans } from "./translation";

const TOLD_MS = 4_000;
const TROUBLE_MS = 10_000;

/** Does something to runs. Returns those that are in the list no more. */
export async function actOnSelected(
  app: JupyterFrontEnd,
  deed: Deed,
  keys: readonly RunKey[],
): Promise<readonly RunKey[]> {
  if (deed === "compare") await compareTogether(app, keys);
  else if (deed === "tag") await tag(keys);
  else if (deed === "export") await exportRuns(keys);
  else if (await isSure(deed, keys.length)) {
    const done = new Set(await act(keys, { action: deed }));
    if (deed === "trash") return keys.filter((key) => done.has(uidOf(key)));
  }
  return [];
}

/** Compares runs: a comparison reads one workspace, and those of others are left out. */
export async function compareTogether(
  { commands }: JupyterFrontEnd,
  keys: readonly RunKey[],
): Promise<void> {
  const [together = [], ...others] = byWorkspace(keys);
  if (together.length > MOST_COMPARED) {
    const most = trans.__("At most %1 runs are compared.", formatCount(MOST_COMPARED));
    Notification.warning(most, { autoClose: TROUBLE_MS });
    return;
  }
  await commands.execute(COMPARE_RUNS, { runs: together.map(uidOf) });
  const count = others.flat().length;
  if (count === 0) return;
  const words = trans._n(
    "%1 run of another workspace is left out: a comparison reads one.",
    "%1 runs of other workspaces are left out: a comparison reads one.",
    count,
  );
  Notification.info(words, { autoClose: TROUBLE_MS });
}

/** Two lines of tags: those to add, and those to remove. */
class Tags extends Widget {
  private readonly fields = [trans.__("Add"), trans.__("Remove")].map((word) => {
    const input = h("input", { class: "jp-mod-styled", placeholder: trans.__("one, another") });
    this.node.append(h("label", { class: "nbt-lab-asking" }, word, input));
    return input;
  });

  getValue(): string {
    return this.fields.map(({ value }) => value.replaceAll("\n", " ")).join("\n");
  }
}

async function tag(keys: readonly RunKey[]): Promise<void> {
  const { value, button } = await showDialog({
    title: trans._n("Tags of %1 run", "Tags of %1 runs", keys.length),
    body: new Tags(),
    focusNodeSelector: "input",
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__("Change Tags") })],
  });
  const [add = [], remove = []] = (value ?? "").split("\n").map(tagsIn);
  if (!button.accept || add.length + remove.length === 0) return;
  await act(keys, { action: "tag", add, remove });
}

async function isSure(action: "finish" | "stop" | "trash", count: number): Promise<boolean> {
  const { title, body, yes, no, isDangerous } = questionOf(action, count);
  const made = isDangerous ? Dialog.warnButton : Dialog.okButton;
  const buttons = [Dialog.cancelButton({ label: no }), made({ label: yes })];
  return (await showDialog({ title, body, buttons })).button.accept;
}

/** Returns the uids of the runs to which it was done. */
async function act(
  keys: readonly RunKey[],
  what: Pick<Act, "action" | "add" | "remove">,
): Promise<readonly string[]> {
  const result = await actOn((ask) => door.send(ask), keys.map(uidOf), what);
  const done = doneIn(result);
  const troubles = troublesIn(result).map(({ words }) => words);
  const said = done.length > 0 ? [doneWords(what.action, done.length)] : [];
  const told = [...said, ...troubles.slice(0, 2), leftWords(result)].filter(Boolean).join(" ");
  const isTrouble = troubles.length > 0 || result.why !== "";
  const isLong = isTrouble || what.action === "trash";
  const note = isTrouble ? Notification.warning : Notification.success;
  note(told, {
    autoClose: isLong ? TROUBLE_MS : TOLD_MS,
    actions: what.action === "trash" && done.length > 0 ? [undoOf(done)] : [],
  });
  return done;
}

function undoOf(uids: readonly string[]) {
  return { label: trans.__("Undo"), callback: () => void act(uids, { action: "restore" }) };
}

/** The choice of a kind of file. */
class Forms extends Widget {
  private readonly choice = h("select", { class: "jp-mod-styled" });

  constructor() {
    super();
    const words = EXPORTS.map((one, index) => h("option", { value: `${index}` }, exportWord(one)));
    this.choice.append(...words);
    this.node.append(h("label", { class: "nbt-lab-asking" }, trans.__("What"), this.choice));
  }

  getValue(): string {
    return this.choice.value;
  }
}

async function exportRuns(keys: readonly RunKey[]): Promise<void> {
  const { value, button } = await showDialog({
    title: trans._n("Export %1 run", "Export %1 runs", keys.length),
    body: new Forms(),
    focusNodeSelector: "select",
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__("Export") })],
  });
  const chosen = EXPORTS[Number(value)];
  if (!button.accept || !chosen) return;
  try {
    await saveExport(keys.map(uidOf), chosen.form, chosen.what);
  } catch (error) {
    const words = trans.__("Not exported: %1", (error as Error).message);
    Notification.error(words, { autoClose: TROUBLE_MS });
  }
}
