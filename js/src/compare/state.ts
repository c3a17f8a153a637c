/** How somebody looks at a comparison, and which runs that leaves. */
import type { Range } from "../chart";
import { chartHabits } from "../data";
import { matcher } from "../panels/dom";
import { keep, kept } from "../panels/keeping";
import type { ComparedRun, Comparison, Draw } from "../protocol";
import { type Column, type CompareStore, kindOf, valueIn } from "./store";

export type Goal = "minimize" | "maximize";

/** What a brush leaves of an axis: a stretch, or some of its kinds of values. */
export interface Brush {
  readonly column: Column;
  readonly low: number;
  readonly high: number;
}

/** What only somebody who answers can draw in another way. */
export interface Look {
  /** `step`, `time`, or the name of a metric. */
  x: string;
  zoom: Range | null;
  groupBy: readonly string[];
  band: string;
}

export interface CompareState extends Look {
  tab: string;
  /** What was chosen of a saved comparison while nobody is there to draw it. */
  later: Look | null;
  smoothing: number;
  runSearch: string;
  keySearch: string;
  readonly hidden: Set<string>;
  readonly log: Set<string>;
  /** Keys whose outliers are left out, and those of charts that are pinned. */
  readonly clip: Set<string>;
  readonly pinned: Set<string>;
  readonly collapsed: Set<string>;
  /** The metric by which runs are judged, "" before there is one. */
  metric: string;
  goal: Goal;
  /** By the name of the axis. */
  readonly brushes: Map<string, Brush>;
  scatterX: string;
  scatterY: string;
  readonly scatterLog: Set<"x" | "y">;
  /** Of the table; "" while nobody sorts. */
  sortColumn: string;
  sortDescending: boolean;
}

const PLACE = Symbol.for("nbtrack.comparisons");
type Shared = { [PLACE]?: Map<string, CompareState> };

/** More runs that are switched off are not remembered: the browser's storage is small. */
const MOST_HIDDEN = 300;
const BANDS: readonly string[] = ["std", "stderr", "t95", "minmax"];

/**
 * Under what a comparison's look is kept. Its uid ends with digits of one showing: without
 * them it is the same whenever the same runs are asked for in the same way. A notebook keeps
 * charts of one axis only, so that a saved comparison has a look of its own.
 */
export function lookName(uid: string, saved: boolean): string {
  return uid.replace(/^(compare-[0-9a-f]{16})-[0-9a-f]{8}$/, "$1") + (saved ? "-saved" : "");
}

/** The state of the views of a comparison, a fresh or a kept one at the first call. */
export function compareState(name: string): CompareState {
  // Each anywidget model evaluates the bundle anew, as for `viewState`.
  const shared = globalThis as Shared;
  shared[PLACE] ??= new Map();
  const states = shared[PLACE];
  const state = states.get(name) ?? restored(name);
  states.set(name, state);
  // Another bundle of this page may be of a version that knows less.
  return Object.assign(state, { ...fresh(), ...state });
}

/** Keeps a state beyond the page's life, and for a cell that runs again. */
export function keepCompareState(name: string): void {
  const { later, ...shown } = compareState(name);
  const { brushes, hidden, ...state } = { ...shown, ...later };
  const stretches = [...brushes].map(([axis, { low, high }]) => [axis, [`${low}`, `${high}`]]);
  keep(name, {
    ...state,
    hidden: hidden.size > MOST_HIDDEN ? [] : hidden,
    brushes: Object.fromEntries(stretches),
  });
}

function restored(name: string): CompareState {
  const usual = { ...fresh(), brushes: new Map<string, readonly string[]>() };
  const { brushes, ...state } = kept(name, usual);
  return {
    ...state,
    later: null,
    x: state.x || "step",
    band: BANDS.includes(state.band) ? state.band : "std",
    brushes: new Map([...brushes].flatMap(([axis, ends]) => brushOf(axis, ends))),
  };
}

function brushOf(axis: string, ends: readonly string[]): [string, Brush][] {
  const [low = Number.NaN, high = Number.NaN] = ends.map(Number);
  const tree = (["config", "summary"] as const).find((one) => axis.startsWith(`${one}.`));
  if (!tree || !(low <= high)) return [];
  return [[axis, { column: { tree, key: axis.slice(tree.length + 1) }, low, high }]];
}

function fresh(): CompareState {
  return {
    ...{
      tab: "charts",
      x: "step",
      smoothing: chartHabits().smoothing,
      zoom: null,
      groupBy: [],
      band: "std",
    },
    later: null,
    ...{ runSearch: "", keySearch: "", metric: "", goal: "minimize" as const },
    ...{ scatterX: "", scatterY: "", sortColumn: "", sortDescending: false },
    ...{ hidden: new Set<string>(), log: new Set<string>(), collapsed: new Set<string>() },
    ...{ clip: new Set<string>(), pinned: new Set<string>() },
    ...{ brushes: new Map<string, Brush>(), scatterLog: new Set<"x" | "y">() },
  };
}

/** Begins as the comparison was asked for. */
export function begin(state: CompareState, head: Comparison): void {
  draw(state, head);
  judgeBy(state, head.keys.find((key) => key.goal)?.key ?? head.keys[0]?.key ?? "", head);
}

/** So much more is fetched on both sides, so that lines reach the edges and panning is smooth. */
const MARGIN = 0.25;

/** The part of the axis that is fetched; all of it while nobody looks closer. */
export function windowOf(zoom: Range | null): Pick<Draw, "low" | "high"> {
  if (!zoom) return { low: null, high: null };
  const more = MARGIN * (zoom.high - zoom.low);
  return { low: zoom.low - more, high: zoom.high + more };
}

/** Draws what a notebook keeps; what was chosen waits for somebody who answers. */
export function drawSaved(state: CompareState, head: Comparison): void {
  const { x, zoom, groupBy, band } = state;
  state.later ??= { x, zoom, groupBy, band };
  draw(state, head);
}

/** Draws what was chosen before. */
export function drawChosen(state: CompareState): void {
  Object.assign(state, state.later);
  state.later = null;
}

/** Draws what the comparison was asked for. */
export function draw(state: CompareState, head: Comparison): void {
  if (state.x !== head.x) state.zoom = null;
  state.x = head.x;
  state.groupBy = head.group_by;
  state.band = head.band;
}

/** Losses and errors are better when they are less; a definition says it for sure. */
const LESS = /loss|err|mse|mae|rmse|perplexity|ppl|nll|divergence|latency|time/i;

export function judgeBy(state: CompareState, metric: string, head: Comparison): void {
  state.metric = metric;
  const defined = head.keys.find((key) => key.key === metric)?.goal;
  state.goal = defined || (LESS.test(metric) ? "minimize" : "maximize");
}

/** The value by which a run is judged: an extremum that its summary keeps, or the last one. */
export function standing(run: ComparedRun, metric: string, goal: Goal): number | undefined {
  const extremum = goal === "maximize" ? "max" : "min";
  for (const key of [`${metric}.best`, `${metric}.${extremum}`, `${metric}.last`, metric]) {
    const value = valueIn(run, { tree: "summary", key });
    if (typeof value === "number") return value;
  }
  return undefined;
}

/** The uid of the best run; undefined where none has a number. */
export function bestOf(runs: readonly ComparedRun[], metric: string, goal: Goal) {
  let found: string | undefined;
  let best = Number.POSITIVE_INFINITY;
  for (const run of runs) {
    const value = standing(run, metric, goal);
    const rank = value === undefined ? undefined : goal === "maximize" ? -value : value;
    if (rank !== undefined && rank < best) [best, found] = [rank, run.uid];
  }
  return found;
}

/** The runs that the search finds; those switched off are among them. */
export function found(store: CompareStore, state: CompareState): ComparedRun[] {
  const pattern = matcher(state.runSearch);
  return store.list().filter((run) => pattern?.test(run.name) ?? true);
}

/** The runs that are plotted. */
export function plotted(store: CompareStore, state: CompareState): ComparedRun[] {
  const brushes = [...state.brushes.values()];
  const ranks = brushes.map(({ column }) => ranksOf(store.list(), column));
  return found(store, state).filter(
    (run) =>
      !state.hidden.has(run.uid) &&
      brushes.every(({ low, high }, i) => {
        const at = ranks[i]?.get(run.uid);
        return at !== undefined && at >= low && at <= high;
      }),
  );
}

/**
 * Where each run stands on an axis: at its number, or, where values are no numbers, at the
 * place of its value among the others.
 */
export function ranksOf(runs: readonly ComparedRun[], column: Column): Map<string, number> {
  const values = runs.map((run) => valueIn(run, column));
  const numeric = values.every((value) => value === undefined || typeof value === "number");
  const kinds = [...new Set(values.filter((value) => value !== undefined).map(kindOf))].sort();
  const ranks = new Map<string, number>();
  runs.forEach((run, i) => {
    const value = values[i];
    if (value === undefined) return;
    ranks.set(run.uid, numeric ? (value as number) : kinds.indexOf(kindOf(value)));
  });
  return ranks;
}
