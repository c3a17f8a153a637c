/** How somebody looks at a comparison, and which runs that leaves. */
import type { Range } from "../chart";
import { matcher } from "../panels/dom";
import type { ComparedRun, Comparison, Draw } from "../protocol";
import { type Column, type CompareStore, kindOf, valueIn } from "./store";

export type Goal = "minimize" | "maximize";

/** What a brush leaves of an axis: a stretch, or some of its kinds of values. */
export interface Brush {
  readonly column: Column;
  readonly low: number;
  readonly high: number;
}

export interface CompareState {
  tab: string;
  /** `step`, `time`, or the name of a metric. */
  x: string;
  smoothing: number;
  zoom: Range | null;
  groupBy: readonly string[];
  band: string;
  runSearch: string;
  keySearch: string;
  readonly hidden: Set<string>;
  readonly log: Set<string>;
  readonly collapsed: Set<string>;
  /** The metric by which runs are judged, "" before there is one. */
  metric: string;
  goal: Goal;
  /** By the name of the axis. */
  readonly brushes: Map<string, Brush>;
  scatterX: string;
  scatterY: string;
  readonly scatterLog: Set<"x" | "y">;
  sort: { readonly column: string; readonly descending: boolean } | null;
}

const states = new Map<string, CompareState>();

/** The state of the views of a comparison, as it is looked at first when it is new. */
export function compareState(uid: string): CompareState {
  let state = states.get(uid);
  if (!state) {
    state = {
      ...{ tab: "charts", x: "step", smoothing: 0, zoom: null, groupBy: [], band: "std" },
      ...{ runSearch: "", keySearch: "", metric: "", goal: "minimize" as const },
      ...{ scatterX: "", scatterY: "", sort: null },
      ...{ hidden: new Set<string>(), log: new Set<string>(), collapsed: new Set<string>() },
      ...{ brushes: new Map<string, Brush>(), scatterLog: new Set<"x" | "y">() },
    };
    states.set(uid, state);
  }
  return state;
}

/** Begins as the comparison was asked for. */
export function begin(state: CompareState, head: Comparison): void {
  state.x = head.x;
  state.groupBy = head.group_by;
  state.band = head.band;
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
