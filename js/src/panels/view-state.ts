/**
 * How somebody looks at a run: kept by the run's uid while the page lives, so that a view
 * which is made anew (another cell, a scrolled-away output, another bundle) looks the same,
 * and in the browser's storage, so that it does after a reload too.
 */
import type { Axis, Range } from "../chart";
import { chartHabits } from "../data";
import { type Kept, keep, kept } from "./keeping";

/** A stretch of one axis. */
export interface Zoom extends Range {
  readonly axis: Axis;
}

/** `auto`: what `define_metric` says of each metric, else the step. */
export type AxisChoice = Axis | "auto";

export interface ViewState {
  tab: string;
  axis: AxisChoice;
  smoothing: number;
  /** Of the metrics' charts. */
  zoom: Zoom | null;
  /** Of the machine's charts, in seconds. */
  systemZoom: Range | null;
  search: string;
  readonly collapsed: Set<string>;
  readonly systemCollapsed: Set<string>;
  /** Keys of charts with a logarithmic axis, of those without outliers, of those on top. */
  readonly log: Set<string>;
  readonly clip: Set<string>;
  readonly pinned: Set<string>;
  /** Keys of lines that a legend has switched off. */
  readonly muted: Set<string>;
  /** By the key of a chart, the keys of the lines that were put into it. */
  readonly overlays: Map<string, readonly string[]>;
  /** Whether charts of hidden metrics are shown too. */
  showHidden: boolean;
  logSearch: string;
  /** Only lines of one stream, "" for all. */
  logStream: "" | "stdout" | "stderr" | "nbtrack";
  logLevel: "all" | "warning" | "error";
  /** Only lines that the search finds. */
  logOnly: boolean;
  logTimes: boolean;
  follow: boolean;
  /** Time of the newest alert that somebody saw, seconds since the epoch. */
  alertsSeen: number;
}

const PLACE = Symbol.for("nbtrack.views");
type Shared = { [PLACE]?: Map<string, ViewState> };

/** The state of views of run `uid`, a fresh or a kept one at the first call. */
export function viewState(uid: string): ViewState {
  // Each anywidget model evaluates the bundle anew: a variable of this module would be
  // another one for each of them.
  const shared = globalThis as Shared;
  shared[PLACE] ??= new Map();
  const states = shared[PLACE];
  let state = states.get(uid);
  if (!state) {
    state = kept(uid, fresh() as ViewState & Kept);
    states.set(uid, state);
  }
  // Another bundle of this page may be of a version that knows less.
  return Object.assign(state, { ...fresh(), ...state });
}

/** Keeps a state beyond the page's life. Cheap when nothing changed. */
export function keepViewState(uid: string): void {
  keep(uid, viewState(uid) as ViewState & Kept);
}

function fresh(): ViewState {
  const { axis, smoothing } = chartHabits();
  return {
    tab: "charts",
    axis,
    smoothing,
    zoom: null,
    systemZoom: null,
    search: "",
    collapsed: new Set(),
    systemCollapsed: new Set(),
    log: new Set(),
    clip: new Set(),
    pinned: new Set(),
    muted: new Set(),
    overlays: new Map(),
    showHidden: false,
    logSearch: "",
    logStream: "",
    logLevel: "all",
    logOnly: false,
    logTimes: true,
    follow: true,
    alertsSeen: 0,
  };
}
