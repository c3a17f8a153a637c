/** A run by its name, its id, its path or its address, asked for in a dialog. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import { ServerConnection } from "@jupyterlab/services";
import { Widget } from "@lumino/widgets";
import { h } from "../panels";
import type { RunRow } from "../protocol";
import { pathIn } from "./address";
import { findPlace } from "./connection";
import type { RunsLine } from "./line";
import { SHOW_RUNS } from "./list";
import { OPEN_RUN, type RunPlace } from "./tab";
import { trans } from "./translation";

const OFFERED = 50;
const UID = /^\d{8}-\d{6}-[0-9a-z]+$/;
const TROUBLE_MS = 10_000;

/** What somebody types, with the newest runs to choose from. */
class Asking extends Widget {
  private readonly input = h("input", { class: "jp-mod-styled", list: "nbt-lab-offered" });

  constructor(names: Iterable<string>) {
    super();
    const offered = h("datalist", { id: "nbt-lab-offered" });
    offered.append(...Array.from(names, (name) => h("option", { value: name })));
    this.input.placeholder = "brave-otter-1";
    const words = trans.__("Name, address or path of a run");
    this.node.append(h("label", { class: "nbt-lab-asking" }, words, this.input), offered);
  }

  getValue(): string {
    return this.input.value.trim();
  }
}

/** Asks which run is meant, and opens it. */
export async function openAsked(app: JupyterFrontEnd, line: RunsLine): Promise<void> {
  const newest = namedApart(await line.once("offered", { limit: OFFERED }).catch(() => []));
  const { value, button } = await showDialog({
    title: trans.__("Open Run"),
    body: new Asking(newest.keys()),
    focusNodeSelector: "input",
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__("Open") })],
  });
  if (!button.accept || !value) return;
  const chosen = newest.get(value);
  if (chosen) await open(app, placeOfRow(chosen));
  else await openMeant(app, line, value);
}

/** Names as people tell runs apart: with their projects, and their ids where that is not enough. */
export function namedApart(runs: readonly RunRow[]): Map<string, RunRow> {
  const named = new Map<string, RunRow>();
  for (const run of runs) {
    const words = `${run.name || run.id} (${run.project})`;
    named.set(named.has(words) ? `${words} ${run.id}` : words, run);
  }
  return named;
}

/** Opens the run that is meant; where it may be one of several, the list shows them. */
async function openMeant(app: JupyterFrontEnd, line: RunsLine, text: string): Promise<void> {
  try {
    const place = await placeAt(text);
    const runs = place ? [] : await line.once("meant", { search: text, limit: 2 });
    const [only] = runs;
    if (place) await open(app, place);
    else if (runs.length > 1) await app.commands.execute(SHOW_RUNS, { search: text });
    else if (only) await open(app, placeOfRow(only));
    else throw new Error(trans.__("No run is called %1.", text));
  } catch (error) {
    Notification.warning((error as Error).message, { autoClose: TROUBLE_MS });
  }
}

/** The run at an address, at a path or of a uid; null where it is none of these. */
async function placeAt(text: string): Promise<RunPlace | null> {
  if (!text.includes("/") && !UID.test(text)) return null;
  const { baseUrl } = ServerConnection.makeSettings();
  const path = pathIn(text, new URL(baseUrl, window.location.href).href) ?? text;
  const found = await findPlace(path).catch(() => null);
  return found && found.uid !== "" ? found : null;
}

async function open({ commands }: JupyterFrontEnd, { uid, workspace, name }: RunPlace) {
  await commands.execute(OPEN_RUN, { uid, workspace, name });
}

function placeOfRow({ uid, workspace, name, id }: RunRow): RunPlace {
  return { uid, workspace, name: name || id };
}
