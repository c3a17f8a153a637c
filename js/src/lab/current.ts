/** The open run of the notebook in front, and news of it while it goes on. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { GOING_ON } from "../data/states";
import type { RunRow } from "../protocol";
import type { RunsLine } from "./line";
import { pathOf } from "./notebooks";

type Listener = (run: RunRow | null) => void;

const VIEW = "current";

export class CurrentRun {
  /** The run as it stands; null where the notebook has none. */
  run: RunRow | null = null;
  private readonly listeners: Listener[] = [];
  private readonly names = new WeakMap<NotebookPanel, Set<string>>();
  private asked = "";

  constructor(
    private readonly line: RunsLine,
    private readonly tracker: INotebookTracker,
  ) {}

  /** Follows the notebook in front. */
  follow({ shell }: JupyterFrontEnd): void {
    this.tracker.currentChanged.connect(() => this.look());
    shell.currentChanged?.connect(() => this.look());
    this.look();
  }

  /** Calls `listener` whenever there is something new. */
  onChange(listener: Listener): void {
    this.listeners.push(listener);
    listener(this.run);
  }

  /** The names of the notebook in front; none where there is no notebook. */
  get notebooks(): readonly string[] {
    return this.namesOf(this.tracker.currentWidget);
  }

  /** Whether a run was made by the notebook in front. */
  isOf({ notebook }: RunRow): boolean {
    if (notebook === null) return false;
    return this.notebooks.some((name) => notebook === name || notebook.endsWith(`/${name}`));
  }

  private look(): void {
    const names = this.notebooks;
    const asked = names.join("\n");
    if (asked === this.asked) return;
    this.asked = asked;
    this.tell(null);
    if (names.length === 0) {
      this.line.leave(VIEW);
      return;
    }
    const only = { notebook: names, state: GOING_ON };
    this.line.ask(VIEW, { only, order: "-created_at", limit: 1 }, ([run]) =>
      this.tell(run ?? null),
    );
  }

  /** All names that a notebook had on this page: its kernel knows the one that it began with. */
  private namesOf(panel: NotebookPanel | null): string[] {
    if (!panel) return [];
    const known = this.names.get(panel);
    if (known) return [...known.add(pathOf(panel))];
    const names = new Set([pathOf(panel)]);
    this.names.set(panel, names);
    panel.context.pathChanged.connect(() => {
      names.add(pathOf(panel));
      this.look();
    });
    return [...names];
  }

  private tell(run: RunRow | null): void {
    this.run = run;
    for (const listener of this.listeners) listener(run);
  }
}
