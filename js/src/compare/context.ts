/** What the view of a comparison shares with its parts. */
import type { Stage } from "../chart";
import type { ComparedRun } from "../protocol";
import type { Drawings } from "./drawings";
import type { CompareFeed } from "./feed";
import type { CompareState } from "./state";

/** What has changed: the runs themselves, which of them are plotted, or what is drawn. */
export interface CompareChange {
  readonly runs: boolean;
  readonly plotted: boolean;
  readonly drawn: boolean;
}

export interface CompareContext {
  readonly feed: CompareFeed;
  readonly stage: Stage;
  readonly state: CompareState;
  readonly drawings: Drawings;
  /** The runs that are plotted now, in order. */
  readonly plotted: () => readonly ComparedRun[];
  /** Number of a run's colour: its own, or that of its group. */
  readonly color: (uid: string) => number | undefined;
  /** The uid of the best of them. */
  readonly best: () => string | undefined;
  /** Somebody chose other runs, another axis or other groups. */
  readonly choose: () => void;
  readonly say: (text: string) => void;
  readonly failed: (error: unknown) => void;
}

/** More lines than that are not drawn; see the wire's `Draw`. */
export const MOST_LINES = 50;
