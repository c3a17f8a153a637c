/** Runs that somebody has chosen in a list or a table, and what the palette can do with them. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ICommandPalette } from "@jupyterlab/apputils";
import type { RunKey } from "./table/selection";
import { trans } from "./translation";

export type Deed = "compare" | "tag" | "export" | "finish" | "stop" | "trash";

/** What a view says of the runs that are chosen in it. */
export interface Choice {
  readonly count: () => number;
  /** Whether the view is on the screen: what it asks before a deed is seen then. */
  readonly isSeen: () => boolean;
  readonly act: (deed: Deed) => void;
  /** Chooses runs no more that are gone. */
  readonly forget: (keys: readonly RunKey[]) => void;
}

/** The views in which runs are chosen, the one that was used last first. */
export class Chosen {
  private choices: readonly Choice[] = [];

  /** @param changed is called when other runs are chosen. */
  constructor(private readonly changed: () => void) {}

  /** Notes that something was chosen, or is not any more. */
  note(choice: Choice): void {
    const others = this.choices.filter((one) => one !== choice);
    this.choices = choice.count() > 0 ? [choice, ...others] : others;
    this.changed();
  }

  /** Forgets a view that is gone. */
  forget(choice: Choice): void {
    this.choices = this.choices.filter((one) => one !== choice);
    this.changed();
  }

  /** Tells all views of runs that are gone, whichever of them it was that asked for it. */
  gone(keys: readonly RunKey[]): void {
    for (const one of this.choices) one.forget(keys);
  }

  /** The view whose runs are meant; null where none are chosen on the screen. */
  get current(): Choice | null {
    return this.choices.find((one) => one.count() > 0 && one.isSeen()) ?? null;
  }
}

const COMMANDS: readonly (readonly [Deed, string])[] = [
  ["compare", "Compare Selected Runs"],
  ["tag", "Tag Selected Runs…"],
  ["export", "Export Selected Runs…"],
  ["finish", "Finish Selected Runs…"],
  ["stop", "Stop Selected Runs…"],
  ["trash", "Move Selected Runs to Trash…"],
];

/** Adds a command for each deed, and its entry in the palette. */
export function addChosenCommands(
  { commands }: Pick<JupyterFrontEnd, "commands">,
  palette: ICommandPalette | null,
): Chosen {
  const idOf = (deed: Deed) => `nbtrack:${deed}-selected`;
  const chosen = new Chosen(() => {
    for (const [deed] of COMMANDS) commands.notifyCommandChanged(idOf(deed));
  });
  for (const [deed, words] of COMMANDS) {
    commands.addCommand(idOf(deed), {
      label: trans.__(words),
      isEnabled: () => chosen.current !== null,
      execute: () => chosen.current?.act(deed),
    });
    palette?.addItem({ command: idOf(deed), category: "nbtrack" });
  }
  return chosen;
}
