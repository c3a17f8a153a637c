/** The open run of the notebook in front, and news of it while it goes on. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { GOING_ON } from "../data/states";
import type { RunRow } from "../protocol";
import type { RunsLine } from "./line";
import { kernelsOf, type Makers, pathOf } from "./notebooks";

type Listener = (run: RunRow | null) => void;
type MakersListener = (makers: Makers | null) => void;

const VIEW = "current";

export class CurrentRun {
  /** The run as it stands; null where the notebook has none. */
  run: RunRow | null = null;
  /** What makes runs in front; null where there is no notebook. */
  makers: Makers | null = null;
  private readonly listeners: Listener[] = [];
  private readonly makersListeners: MakersListener[] = [];
  private readonly names = new WeakMap<NotebookPanel, Set<string>>();
  private asked = "null";

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

  /** Calls `listener` now, and whenever another notebook comes to the front or gets a name or kernel. */
  onMakers(listener: MakersListener): void {
    this.makersListeners.push(listener);
    listener(this.makers);
  }

  /** Whether a run was made by the notebook in front. */
  isOf({ notebook }: RunRow): boolean {
    if (notebook === null) return false;
    const names = this.makers?.notebook ?? [];
    return names.some((name) => notebook === name || notebook.endsWith(`/${name}`));
  }

  private look(): void {
    const panel = this.tracker.currentWidget;
    const makers = panel && { notebook: this.namesOf(panel), kernel: kernelsOf(panel) };
    const asked = JSON.stringify(makers);
    if (asked === this.asked) return;
    this.asked = asked;
    this.makers = makers;
    for (const listener of this.makersListeners) listener(makers);
    this.tell(null);
    if (makers === null) {
      this.line.leave(VIEW);
      return;
    }
    const only = { ...makers, state: GOING_ON };
    this.line.ask(VIEW, { only, order: "-created_at", limit: 1 }, ([run]) =>
      this.tell(run ?? null),
    );
  }

  /** All names that a notebook had on this page: its kernel knows the one that it began with. */
  private namesOf(panel: NotebookPanel): string[] {
    const known = this.names.get(panel);
    if (known) return [...known.add(pathOf(panel))];
    const names = new Set([pathOf(panel)]);
    this.names.set(panel, names);
    panel.context.pathChanged.connect(() => {
      names.add(pathOf(panel));
      this.look();
    });
    panel.sessionContext.kernelChanged.connect(() => this.look());
    return [...names];
  }

  private tell(run: RunRow | null): void {
    this.run = run;
    for (const listener of this.listeners) listener(run);
  }
}
