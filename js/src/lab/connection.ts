/** How the extension reaches the server: addresses, and what to do when nobody answers. */
import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";
import { type Answer, type Ask, RequestError, type ServerDoor, SocketSource } from "../data";
import { PROTOCOL_VERSION } from "../protocol";
import { trans } from "./translation";

const API = "nbtrack/api";
/** Which protocol this page speaks; a server that was updated meanwhile says so. */
const OURS = `protocol=${PROTOCOL_VERSION}`;

/** A line that nobody used for so long is closed; the next question opens it again. */
const IDLE_MS = 60_000;
const OPENING_MS = 5_000;

/** A source of runs through the server; `workspace` is where to look, everywhere without it. */
export function serverSource(workspace?: string): SocketSource {
  return new SocketSource({ url: socketUrl, ...(workspace ? { workspace } : {}) });
}

function socketUrl(): string {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.wsUrl, API, "watch");
  const { token, appendToken } = settings;
  const known = appendToken && token !== "" ? `&token=${encodeURIComponent(token)}` : "";
  return `${url}?${OURS}${known}`;
}

/** Why the server does not answer, and what to type. */
export async function explain(): Promise<string> {
  const { status } = (await get("runs?limit=0")) ?? { status: 0 };
  return wordsOf(status);
}

/** What a notebook keeps of a run as it stands, by MIME type; null when nobody says it. */
export async function fetchBundle(uid: string): Promise<{ [mimeType: string]: unknown } | null> {
  const answer = await get("runs", uid, "bundle");
  return answer?.ok ? answer.json() : null;
}

/** Where the path in a link leads; without a uid it is a project. */
export interface FoundPlace {
  readonly uid: string;
  readonly name: string;
  readonly project: string;
  readonly workspace: string;
}

/**
 * Where the path in a link leads.
 *
 * @throws RequestError in words, if it leads nowhere or the server does not answer.
 */
export async function findPlace(path: string): Promise<FoundPlace> {
  return demand(`find?path=${encodeURIComponent(path)}`);
}

/** What made a run, as the server says it; what is not known is "". */
export interface Origin {
  /** `entity/project/runs/id`. */
  readonly path: string;
  /** The notebook as its kernel knew it. */
  readonly file: string;
  /** The notebook below the server's root. */
  readonly notebook: string;
  /** Id of the cell that began the run. */
  readonly cell: string;
}

/**
 * What made a run.
 *
 * @throws RequestError in words, if the run is gone or the server does not answer.
 */
export async function fetchOrigin(uid: string, workspace: string): Promise<Origin> {
  return demand("runs", uid, `origin${workspace && `?workspace=${encodeURIComponent(workspace)}`}`);
}

/**
 * Has the browser save a file about runs: what they logged, a row for each, or their report.
 *
 * @throws RequestError in words, if it cannot be had.
 */
export async function saveExport(
  runs: readonly string[],
  format: "csv" | "json" | "parquet" | "html",
  what: "runs" | "rows" | "report",
): Promise<void> {
  const settings = ServerConnection.makeSettings();
  const url = `${URLExt.join(settings.baseUrl, API, "export")}?${OURS}`;
  const body = JSON.stringify({ runs, format, what });
  const asked = ServerConnection.makeRequest(url, { method: "POST", body }, settings);
  const answer = await asked.catch(() => null);
  if (!answer?.ok) {
    const said = await answer?.json().catch(() => null);
    const words = typeof said?.message === "string" ? said.message : wordsOf(answer?.status ?? 0);
    throw new RequestError("NotExported", words);
  }
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name ?? `runs.${format}`;
  link.click();
  // The browser has taken the bytes by then, also where it asks where to save them.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * The JSON of a route.
 *
 * @throws RequestError in words, if it refuses or the server does not answer.
 */
async function demand<T>(...path: string[]): Promise<T> {
  const answer = await get(...path);
  const said = await answer?.json().catch(() => null);
  if (answer?.ok) return said;
  const words = typeof said?.message === "string" ? said.message : wordsOf(answer?.status ?? 0);
  throw new RequestError("NotFound", words);
}

/** The answer of a route, or null when none comes. */
async function get(...path: string[]): Promise<Response | null> {
  const settings = ServerConnection.makeSettings();
  const address = URLExt.join(settings.baseUrl, API, ...path);
  const url = `${address}${address.includes("?") ? "&" : "?"}${OURS}`;
  return ServerConnection.makeRequest(url, { method: "GET" }, settings).catch(() => null);
}

/** What an answer without words means. */
function wordsOf(status: number): string {
  switch (status) {
    case 200:
      return trans.__("The connection broke. Trying again …");
    case 403:
      return trans.__("The server does not know you any more. Reload the page and log in.");
    case 404:
      return trans.__(
        "nbtrack's server extension is off. In a terminal, type\n%1\nand start JupyterLab again.",
        "jupyter server extension enable nbtrack.lab",
      );
    case 409:
      return trans.__("nbtrack was updated on the server. Reload the page.");
    case 503:
      return trans.__("nbtrack's workspace cannot be read just now. Trying again …");
    default:
      return trans.__("The Jupyter server does not answer. Trying again …");
  }
}

/**
 * The way round a busy kernel that widgets take for Stop and zoom.
 *
 * Its socket is opened by the first question and closed when none comes any more.
 */
export class Door implements ServerDoor {
  private source: SocketSource | null = null;
  private close: () => void = () => {};
  private opened: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;

  async send(ask: Ask): Promise<Answer> {
    const source = this.source ?? this.open();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.shut(), IDLE_MS);
    await this.opened;
    return source.send(ask);
  }

  /** Whether the server answers and has a run. */
  async knows(uid: string): Promise<boolean> {
    try {
      // The smallest question there is about a run.
      await this.send({ op: "window", uid, keys: ["_"], low: 0, high: 0, points: 1 });
      return true;
    } catch {
      return false;
    }
  }

  private open(): SocketSource {
    const source = serverSource();
    this.source = source;
    this.opened = new Promise((resolve, reject) => {
      const refuse = () =>
        reject(new RequestError("NotConnected", trans.__("the server does not answer")));
      const late = setTimeout(refuse, OPENING_MS);
      this.close = source.open({
        connected: () => {
          clearTimeout(late);
          resolve();
        },
        lost: () => {
          refuse();
          this.shut();
        },
        message: () => {},
      });
    });
    return source;
  }

  private shut(): void {
    clearTimeout(this.timer);
    this.close();
    this.source = null;
  }
}

/** The page's one door. */
export const door = new Door();
