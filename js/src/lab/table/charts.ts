/** The charts beside the table: of the chosen runs, or else of the first that match. */
import type { CompareView } from "../../compare";
import type { Source } from "../../data";
import { h, setText } from "../../panels/dom";
import { ComparedSource } from "../compared";
import { trans } from "../translation";
import { type RunKey, uidOf, workspaceOf } from "./selection";

export interface ChartsHost {
  readonly source: () => Source;
  readonly coloured: (colorOf: (uid: string) => number | undefined) => void;
  readonly load: () => Promise<{ readonly CompareView: typeof CompareView }>;
}

/** A comparison is known to its own line only: another page may call its own so, too. */
const UID = "compare-table";

export class Charts {
  readonly element = h("section", { class: "nbt-rt-charts" });
  private readonly note = h("div", { class: "nbt-rt-charts-note", role: "status" });
  private readonly home = h("div", { class: "nbt-rt-charts-home" });
  private source: ComparedSource | null = null;
  private free: () => void = () => {};
  private runs: readonly string[] = [];
  private isOpen = false;

  constructor(private readonly host: ChartsHost) {
    this.element.setAttribute("aria-label", trans.__("Charts of runs"));
    this.element.append(this.note, this.home);
  }

  /** Shows the pane; its charts are loaded with the first showing. */
  async open(): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    try {
      const { CompareView } = await this.host.load();
      if (!this.isOpen || this.source) return;
      this.begin(CompareView);
    } catch (error) {
      this.isOpen = false;
      this.say(trans.__("The charts could not be loaded: %1", (error as Error).message));
    }
  }

  close(): void {
    this.isOpen = false;
    this.free();
    this.free = () => {};
    this.source = null;
    this.host.coloured(() => undefined);
  }

  /** Says which runs are drawn, and of how many they are the first. */
  show(keys: readonly RunKey[], matching: number, areChosen: boolean): void {
    const home = workspaceOf(keys[0] ?? "");
    const together = keys.filter((key) => workspaceOf(key) === home);
    this.runs = together.map(uidOf);
    this.source?.turnTo(this.runs);
    const others = keys.length - together.length;
    if (keys.length === 0) this.say(trans.__("No run matches: there is nothing to draw."));
    else if (others > 0) {
      this.say(
        trans._n(
          "%1 run of another workspace is not drawn.",
          "%1 runs of other workspaces are not drawn.",
          others,
        ),
      );
    } else if (!areChosen && keys.length < matching) {
      this.say(trans.__("The first %1 of %2. Choose runs to see those.", keys.length, matching));
    } else this.say("");
  }

  private begin(View: typeof CompareView): void {
    const failed = (why: string) => {
      if (why !== "") this.say(why);
    };
    this.source = new ComparedSource(this.host.source(), UID, this.runs, failed);
    const view = new View({
      ...{ uid: UID, source: this.source, saved: null, height: null },
      coloured: (colorOf) => this.host.coloured(colorOf),
    });
    this.free = view.mount(this.home);
  }

  private say(words: string): void {
    this.note.hidden = words === "";
    setText(this.note, words);
  }
}

/** A bar between two parts that is dragged, or moved by the arrows. */
export function divider(label: string, turned: (share: number, isDone: boolean) => void) {
  const bar = h("div", { class: "nbt-rt-divider", role: "separator", tabindex: 0 });
  bar.setAttribute("aria-orientation", "vertical");
  bar.setAttribute("aria-label", label);
  const shareAt = (x: number) => {
    const box = bar.parentElement?.getBoundingClientRect();
    return box && box.width > 0 ? (box.right - x) / box.width : 0.5;
  };
  bar.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    const move = (at: PointerEvent) => turned(shareAt(at.clientX), false);
    const end = (at: PointerEvent) => {
      bar.removeEventListener("pointermove", move);
      turned(shareAt(at.clientX), true);
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("pointerup", end, { once: true });
  });
  bar.addEventListener("keydown", (event) => {
    const side = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (side === 0) return;
    event.preventDefault();
    event.stopPropagation();
    turned(shareAt(bar.getBoundingClientRect().left + side * 24), true);
  });
  return bar;
}
