/** A button that ends the run, and the question that takes its place first. */
import { host } from "../data";
import { h, type Scope, setText } from "./dom";
import { type IconName, icon } from "./icons";
import { focusIn } from "./staying";

/** A question that nobody answers goes away. */
const ASK_FOR_MS = 8000;
/** Code that does something about the first time, such as saving, is not disturbed sooner. */
const AGAIN_MS = 10_000;

export interface EndWords {
  readonly sign: IconName;
  readonly word: string;
  readonly title: string;
  /** While the run's kernel has not heard it yet. */
  readonly doing: string;
  readonly no: string;
  readonly failed: string;
  /** When it may be asked once more, because nothing came of it; "" where it may not. */
  readonly still: string;
  /** Of the button, and of the one that says yes. */
  readonly looks: readonly [string, string];
}

export class Ender {
  readonly element = h("span", { class: "nbt-stop-box" });
  private isAsked = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly scope: Scope,
    private readonly words: EndWords,
    private readonly send: () => Promise<unknown>,
    /** Takes why the run could not be asked, "" before it is. */
    private readonly tell: (trouble: string) => void,
  ) {
    scope.add(() => clearTimeout(this.timer));
  }

  /** Shows the button where the run can be ended so. */
  show(possible: boolean): void {
    if (!possible) {
      this.isAsked = false;
      this.element.replaceChildren();
    } else if (this.element.childElementCount === 0) {
      this.offer();
    }
  }

  private offer(): void {
    clearTimeout(this.timer);
    const { word, title, doing, looks } = this.words;
    const button = this.button(word, looks[0]);
    button.title = title;
    button.disabled = this.isAsked;
    if (this.isAsked) setText(button.lastElementChild as HTMLElement, doing);
    this.scope.listen(button, "click", () => {
      if (host()?.confirmsStop === false) void this.end();
      else this.ask();
    });
    const hadFocus = focusIn(this.element) !== null;
    this.element.replaceChildren(button);
    if (hadFocus) button.focus({ preventScroll: true });
  }

  /** The question takes the button's place; Escape and time answer it with no. */
  private ask(): void {
    const { word, no: noWord, looks } = this.words;
    const yes = this.button(`${word} run`, looks[1]);
    const no = h("button", { type: "button", class: "nbt-button" }, noWord);
    const back = () => {
      this.offer();
      this.element.querySelector("button")?.focus();
    };
    this.scope.listen(yes, "click", () => void this.end());
    this.scope.listen(no, "click", back);
    const look = { class: "nbt-ask", role: "group", "aria-label": `${word} this run?` };
    const box = h("span", look, yes, no);
    this.scope.listen(box, "keydown", (event) => {
      if (event.key === "Escape") back();
    });
    this.element.replaceChildren(box);
    yes.focus();
    this.timer = setTimeout(() => this.offer(), ASK_FOR_MS);
  }

  private async end(): Promise<void> {
    this.isAsked = true;
    this.offer();
    this.tell("");
    try {
      await this.send();
      if (this.words.still) this.timer = setTimeout(() => this.again(), AGAIN_MS);
    } catch (error) {
      this.isAsked = false;
      if (this.element.childElementCount > 0) this.offer();
      this.tell(`${this.words.failed}: ${error instanceof Error ? error.message : error}`);
    }
  }

  private again(): void {
    if (this.element.childElementCount === 0) return;
    this.isAsked = false;
    this.offer();
    this.tell(this.words.still);
  }

  private button(word: string, look: string): HTMLButtonElement {
    const shape = { type: "button", class: `nbt-button ${look}` };
    return h("button", shape, icon(this.words.sign), h("span", {}, word));
  }
}
