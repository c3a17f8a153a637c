/** The tags of a run as chips; where somebody answers, they can be removed and added. */
import type { RunFeed } from "../data";
import { h } from "./dom";
import { icon } from "./icons";
import { trouble, wordsOf } from "./saving";
import { focusIn } from "./staying";

const LONGEST_TAG = 64;

export class Tags {
  readonly element = h("div", { class: "nbt-tags" });
  private drawn = "";

  constructor(private readonly feed: RunFeed) {}

  update(): void {
    const { run } = this.feed.store;
    const drawn = JSON.stringify([run?.tags, this.feed.canAsk]);
    if (drawn === this.drawn || this.element.querySelector("input")) return;
    this.drawn = drawn;
    const tags = run?.tags ?? [];
    const focused = focusIn(this.element)?.getAttribute("aria-label");
    const chips = tags.map((tag) => this.chip(tag, tags));
    if (this.feed.canAsk) this.element.replaceChildren(...chips, this.adder());
    else this.element.replaceChildren(...(chips.length > 0 ? chips : ["–"]));
    if (focused) this.focus(focused);
  }

  /** The same button again, or, of a tag that went, the one that adds a tag. */
  private focus(label: string): void {
    const buttons = [...this.element.querySelectorAll("button")];
    const same = buttons.find((one) => one.getAttribute("aria-label") === label);
    (same ?? buttons.at(-1))?.focus({ preventScroll: true });
  }

  private chip(tag: string, tags: readonly string[]): HTMLElement {
    const word = h("span", { class: "nbt-tag-word" }, tag);
    if (!this.feed.canAsk) return h("span", { class: "nbt-tag" }, word);
    const label = `Remove tag ${tag}`;
    const remove = h(
      "button",
      { type: "button", title: label, "aria-label": label },
      icon("close"),
    );
    remove.addEventListener("click", () => void this.store(tags.filter((one) => one !== tag)));
    return h("span", { class: "nbt-tag" }, word, remove);
  }

  private adder(): HTMLElement {
    const button = h(
      "button",
      { type: "button", class: "nbt-mini", title: "Add a tag", "aria-label": "Add a tag" },
      icon("plus"),
    );
    button.addEventListener("click", () => this.ask(button));
    return button;
  }

  /** A field takes the button's place; Enter adds what is in it, Escape and an empty one nothing. */
  private ask(button: HTMLElement): void {
    const input = h("input", {
      ...{ class: "nbt-input nbt-tag-input", "aria-label": "New tag", placeholder: "tag" },
      ...{ maxlength: LONGEST_TAG, spellcheck: "false", autocomplete: "off" },
    });
    const back = () => {
      this.drawn = "";
      input.remove();
      this.update();
      this.element.querySelector<HTMLElement>(":scope > .nbt-mini")?.focus();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.stopPropagation();
      event.preventDefault();
      const tag = event.key === "Enter" ? input.value.trim() : "";
      // Others may have come while somebody typed.
      const tags = this.feed.store.run?.tags ?? [];
      if (tag === "" || tags.includes(tag)) back();
      else void this.store([...tags, tag]).then(back);
    });
    button.replaceWith(input);
    input.focus();
  }

  private async store(tags: readonly string[]): Promise<void> {
    try {
      await this.feed.edit({ tags });
      this.drawn = "";
      this.update();
    } catch (error) {
      const again = () => void this.store(tags);
      this.drawn = "failed";
      this.element.append(trouble(`Not saved: ${wordsOf(error)}`, again));
    }
  }
}
