/** A quiet line for runs that were left open and for crashed ones, with what can be done. */
import { formatAge } from "../../chart/format";
import { h } from "../../panels/dom";
import { icon } from "../../panels/icons";
import type { RunRow } from "../../protocol";
import { trans } from "../translation";

/** A kernel that rests for less is being worked with. */
const LONG_S = 1_800;
/** What crashed before that is known by now. */
const RECENT_S = 3 * 86_400;
const SURE_MS = 4_000;

export interface AttentionOptions {
  readonly dismissed: ReadonlySet<string>;
  readonly dismiss: (uids: readonly string[]) => void;
  readonly open: (run: RunRow) => void;
  /** Lists the runs that a warning is about. */
  readonly show: (state: "running" | "crashed") => void;
  readonly finish: (runs: readonly RunRow[]) => Promise<void>;
  readonly failed: (words: string) => void;
}

export class Attention {
  readonly element = h("div", { class: "nbt-lab-attention" });
  private drawn = "";

  constructor(private readonly options: AttentionOptions) {}

  /** @param runs those that are open or crashed, the latest first. */
  draw(runs: readonly RunRow[], now: number): void {
    const told = runs.filter(({ uid }) => !this.options.dismissed.has(uid));
    const idle = told.filter((run) => run.idle !== null && now - run.idle > LONG_S);
    const crashed = told.filter(
      (run) => run.state === "crashed" && now - (run.ended ?? run.seen) < RECENT_S,
    );
    const words = [idleWords(idle, now), crashedWords(crashed, now)];
    const drawn = JSON.stringify([words, [...idle, ...crashed].map(({ uid }) => uid)]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const lines = [
      this.line(idle, words[0] ?? "", "running"),
      this.line(crashed, words[1] ?? "", "crashed"),
    ];
    this.element.replaceChildren(...lines.filter((line) => line !== null));
  }

  private line(
    runs: readonly RunRow[],
    words: string,
    state: "running" | "crashed",
  ): HTMLElement | null {
    const [run] = runs;
    if (!run) return null;
    const { options } = this;
    const actions =
      runs.length > 1
        ? [action(trans.__("Show"), () => options.show(state))]
        : [action(trans.__("Open"), () => options.open(run))];
    if (state === "running") actions.push(this.finishButton(runs));
    const label = trans.__("Dismiss: %1", words);
    const dismiss = h(
      "button",
      { class: "nbt-lab-icon-button", type: "button", "aria-label": label },
      icon("close"),
    );
    dismiss.addEventListener("click", () => options.dismiss(runs.map(({ uid }) => uid)));
    const text = h("span", { class: "nbt-lab-attention-words" }, words);
    return h(
      "div",
      { role: "note", "data-state": state },
      icon("warning"),
      text,
      h("span", { class: "nbt-lab-attention-actions" }, ...actions),
      dismiss,
    );
  }

  /** Their kernels cannot log to them any more: the first click asks. */
  private finishButton(runs: readonly RunRow[]): HTMLButtonElement {
    let sure = false;
    const word = runs.length > 1 ? trans.__("Finish all") : trans.__("Finish");
    const button: HTMLButtonElement = action(word, () => {
      if (sure) {
        button.disabled = true;
        this.options.finish(runs).catch((error: Error) => {
          button.disabled = false;
          this.options.failed(error.message);
        });
        return;
      }
      sure = true;
      button.textContent = trans.__("Really finish?");
      setTimeout(() => {
        sure = false;
        button.textContent = word;
      }, SURE_MS);
    });
    return button;
  }
}

function action(word: string, act: () => void): HTMLButtonElement {
  const button = h("button", { class: "nbt-lab-link", type: "button" }, word);
  button.addEventListener("click", act);
  return button;
}

function idleWords(runs: readonly RunRow[], now: number): string {
  const [run] = runs;
  if (!run) return "";
  if (runs.length > 1) return trans.__("%1 runs are still open, and nothing goes on", runs.length);
  return trans.__(
    "%1 is still open, last active %2",
    nameOf(run),
    formatAge(now - (run.idle ?? now)),
  );
}

function crashedWords(runs: readonly RunRow[], now: number): string {
  const [run] = runs;
  if (!run) return "";
  if (runs.length > 1) return trans.__("%1 runs crashed", runs.length);
  return trans.__("%1 crashed %2", nameOf(run), formatAge(now - (run.ended ?? run.seen)));
}

function nameOf(run: RunRow): string {
  return run.name || run.id;
}
