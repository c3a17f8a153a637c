/**
 * What the page around a view can do for it. Where the JupyterLab extension is installed it
 * offers that here; views of the widget are another bundle and look here for it.
 */

export interface Host {
  /** Shows the cell that made a run; says by itself why it cannot. */
  showCell(uid: string, name: string): void;
  /** Has the browser save the report of a run; says by itself why it cannot. */
  saveReport(uid: string, name: string): void;
  /** Whether Stop asks first. */
  readonly confirmsStop: boolean;
}

const PLACE = Symbol.for("nbtrack.host");
type Shared = { [PLACE]?: Host | undefined };

/** Offers the page's services to all views on it. Returns the function that withdraws them. */
export function offerHost(offered: Host): () => void {
  (globalThis as Shared)[PLACE] = offered;
  return () => {
    if (host() === offered) (globalThis as Shared)[PLACE] = undefined;
  };
}

/** What was offered, if anything. */
export function host(): Host | undefined {
  return (globalThis as Shared)[PLACE];
}
