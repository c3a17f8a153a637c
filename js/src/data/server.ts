/**
 * A way round a busy kernel. Where the JupyterLab extension is installed it offers its
 * connection to the server here, and views of the widget, which are another bundle, take it
 * for what must arrive at once.
 */
import type { Answer, Ask } from "./source";

export interface ServerDoor {
  /** Ask the server; rejects when it does not know the run. */
  send(ask: Ask): Promise<Answer>;
}

const PLACE = Symbol.for("nbtrack.server");
type Shared = { [PLACE]?: ServerDoor | undefined };

/** Offer a door to all views of this page. Returns the function that withdraws it. */
export function offerServerDoor(door: ServerDoor): () => void {
  (globalThis as Shared)[PLACE] = door;
  return () => {
    if (serverDoor() === door) (globalThis as Shared)[PLACE] = undefined;
  };
}

/** The door that was offered, if any. */
export function serverDoor(): ServerDoor | undefined {
  return (globalThis as Shared)[PLACE];
}
