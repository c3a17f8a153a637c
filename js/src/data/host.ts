/**
 * What the page around a view can do for it. Where the JupyterLab extension is installed it
 * offers that here; views of the widget are another bundle and look here for it.
 */

/** How charts are drawn of runs that nobody has looked at yet. */
export interface ChartHabits {
  /** Points that a series may come with; null where whoever sends them knows best. */
  readonly points: number | null;
  /** From 0 to 1. */
  readonly smoothing: number;
  readonly axis: "auto" | "step" | "time" | "wall";
}

export interface Host {
  /** Shows the cell that made a run; says by itself why it cannot. */
  showCell(uid: string, name: string): void;
  /** Has the browser save the report of a run; says by itself why it cannot. */
  saveReport(uid: string, name: string): void;
  /** Whether Stop asks first. */
  readonly confirmsStop: boolean;
  /** An extension of an older version says nothing of it. */
  readonly charts?: ChartHabits;
}

const USUAL: ChartHabits = { points: null, smoothing: 0, axis: "auto" };

const PLACE = Symbol.for("nbtrack.host");
type Shared = { [PLACE]?: Host | undefined };

/** Offers the page's services to all views on it. Returns the function that withdraws them. */
export function offerHost(offered: Host): () => void {
  (globalThis as Shared)[PLACE] = offered;
  return () => {
    if (host() === offered) (globalThis as Shared)[PLACE] = undefined;
  };
}

/** How charts are drawn where nobody has chosen otherwise. */
export function chartHabits(): ChartHabits {
  return host()?.charts ?? USUAL;
}

/** What was offered, if anything. */
export function host(): Host | undefined {
  return (globalThis as Shared)[PLACE];
}
