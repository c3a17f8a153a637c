/**
 * Runs by their addresses: `run.url` is the page's own address and what to open in it,
 * `?nbtrack=entity/project/runs/id`. It is opened when the page is loaded, and when such a
 * link is clicked in a page that is there already.
 */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import { ServerConnection } from "@jupyterlab/services";
import type { Widget } from "@lumino/widgets";
import { pathIn, withoutPath } from "./address";
import { findPlace } from "./connection";
import { SHOW_RUNS } from "./list";
import { activateRun, OPEN_RUN, uidOf } from "./tab";

const TOLD_MS = 10_000;
/** A large notebook is there by then; later nobody expects a tab to come to the front. */
const OPENING_MS = 10_000;

/** Opens what the page's address says, and from now on what links say. */
export function addLinks(app: JupyterFrontEnd): void {
  const { baseUrl } = ServerConnection.makeSettings();
  // Read now: JupyterLab writes its address anew while it restores its layout.
  const asked = pathIn(window.location.href, new URL(baseUrl, window.location.href).href);
  if (asked !== null) {
    void app.restored.then(() => {
      history.replaceState(history.state, "", withoutPath(window.location.href));
      return open(app, asked, { stays: true });
    });
  }
  document.addEventListener("click", (event) => follow(app, event), { capture: true });
}

/** Opens a link here that would load the same application once more. */
function follow(app: JupyterFrontEnd, event: MouseEvent): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const anchor = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(anchor instanceof HTMLAnchorElement)) return;
  const { baseUrl } = ServerConnection.makeSettings();
  const path = pathIn(anchor.href, new URL(baseUrl, window.location.href).href);
  if (path === null) return;
  event.preventDefault();
  event.stopPropagation();
  void open(app, path);
}

async function open(
  app: JupyterFrontEnd,
  path: string,
  { stays }: { stays: boolean } = { stays: false },
): Promise<void> {
  try {
    const { uid, workspace, name, project } = await findPlace(path);
    if (uid === "") await app.commands.execute(SHOW_RUNS, { project });
    else {
      if (stays) keepInFront(app, uid);
      await app.commands.execute(OPEN_RUN, { uid, workspace, name });
    }
  } catch (error) {
    Notification.error(`nbtrack: ${(error as Error).message}`, { autoClose: TOLD_MS });
  }
}

/** The notebook of the address opens after its layout; the run stays before it until somebody acts. */
function keepInFront(app: JupyterFrontEnd, uid: string): void {
  const { currentChanged } = app.shell;
  const back = (_: unknown, { newValue }: { readonly newValue: Widget | null }) => {
    if (newValue && uidOf(newValue.id) !== uid) setTimeout(() => activateRun(app, uid));
  };
  const end = new AbortController();
  const stop = () => {
    currentChanged?.disconnect(back);
    end.abort();
  };
  currentChanged?.connect(back);
  const timer = setTimeout(stop, OPENING_MS);
  end.signal.addEventListener("abort", () => clearTimeout(timer));
  for (const act of ["pointerdown", "keydown"]) {
    document.addEventListener(act, stop, { capture: true, signal: end.signal });
  }
}
