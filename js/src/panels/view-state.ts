/**
 * How somebody looks at a run: kept by the run's uid while the page lives, so that a view
 * which is made anew (another cell, a scrolled-away output, another bundle) looks the same.
 */
import type { Axis, Range } from "../chart";

export interface ViewState {
  tab: string;
  axis: Axis;
  smoothing: number;
  /** Of the metrics' charts, on `axis`. */
  zoom: Range | null;
  /** Of the machine's charts, in seconds. */
  systemZoom: Range | null;
  search: string;
  readonly collapsed: Set<string>;
  readonly systemCollapsed: Set<string>;
  readonly log: Set<string>;
  logSearch: string;
  /** Only lines of one stream, "" for all. */
  logStream: "" | "stdout" | "stderr" | "nbtrack";
  logLevel: "all" | "warning" | "error";
  /** Only lines that the search finds. */
  logOnly: boolean;
  logTimes: boolean;
  follow: boolean;
}

const PLACE = Symbol.for("nbtrack.views");
type Shared = { [PLACE]?: Map<string, ViewState> };

/** The state of views of run `uid`, a fresh one at the first call. */
export function viewState(uid: string): ViewState {
  // Each anywidget model evaluates the bundle anew: a variable of this module would be
  // another one for each of them.
  const shared = globalThis as Shared;
  shared[PLACE] ??= new Map();
  const states = shared[PLACE];
  let state = states.get(uid);
  if (!state) {
    state = fresh();
    states.set(uid, state);
  }
  return state;
}

function fresh(): ViewState {
  return {
    tab: "charts",
    axis: "step",
    smoothing: 0,
    zoom: null,
    systemZoom: null,
    search: "",
    collapsed: new Set(),
    systemCollapsed: new Set(),
    log: new Set(),
    logSearch: "",
    logStream: "",
    logLevel: "all",
    logOnly: false,
    logTimes: true,
    follow: true,
  };
}
