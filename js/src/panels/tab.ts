/** What the run view expects of one of its tabs. */
import type { Stage } from "../chart";
import type { Change, RunFeed } from "../data";
import type { ViewState } from "./view-state";

/** What a tab is given; it keeps nothing of it beyond its life. */
export interface TabContext {
  readonly feed: RunFeed;
  readonly stage: Stage;
  readonly state: ViewState;
  /** Says something to a screen reader. */
  readonly say: (text: string) => void;
  /** Takes what goes wrong in the tab's own listeners: `new Scope(context.failed)`. */
  readonly failed: (error: unknown) => void;
  /** Says that the tab's number may be another one, without news of the run. */
  readonly recount: () => void;
}

export interface Tab<News = Change> {
  /** What the tab shows, below the bar. */
  readonly element: HTMLElement;
  /** Its tools, in the bar. */
  readonly tools: HTMLElement;
  open(): () => void;
  /** The store has changed. */
  update(change: News): void;
  /** The tab is seen again: what was put off while it was hidden is due. */
  shown(): void;
  /** A small number beside the tab's name, "" for none. */
  count(): string;
  /**
   * Whether the run has nothing of its kind: then the row of tabs leaves it out, unless it is
   * the chosen one. Without this a tab is always there, and says itself that it is empty.
   */
  isEmpty?(): boolean;
}
