/**
 * A tab with its button, its panel and its tools. What goes wrong inside stays inside: the
 * tab says so in its own place and can be shown again, and the others go on.
 */
import type { Change } from "../data";
import { h, setText } from "./dom";
import { icon } from "./icons";
import type { Tab, TabContext } from "./tab";

export interface TabKind<Context = TabContext, News = Change> {
  readonly id: string;
  readonly word: string;
  readonly make: new (context: Context) => Tab<News>;
  /** It scrolls as a whole: then it must be reachable by keyboard. */
  readonly scrolls?: boolean;
}

/** What every tab is given besides its own context. */
interface Failing {
  readonly failed: (error: unknown) => void;
}

export class TabBox<Context extends Failing = TabContext, News = Change> {
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;
  readonly tools = h("div", { class: "nbt-tools-of" });
  private readonly badge = h("span", { class: "nbt-count" });
  private readonly context: Context;
  private tab: Tab<News> | null = null;
  private close: () => void = () => {};
  private failures = 0;
  private chosen = false;

  constructor(
    readonly kind: TabKind<Context, News>,
    name: string,
    context: Omit<Context, "failed" | "recount">,
  ) {
    const failed = (error: unknown) => this.fail(error);
    this.context = { ...context, failed, recount: () => this.count() } as unknown as Context;
    this.button = h(
      "button",
      { type: "button", role: "tab", id: `${name}-tab`, class: "nbt-tab", "aria-controls": name },
      kind.word,
      this.badge,
    );
    this.panel = h("div", {
      ...{ id: name, role: "tabpanel", class: "nbt-panel", "aria-labelledby": `${name}-tab` },
      tabindex: kind.scrolls ? 0 : undefined,
    });
  }

  get id(): string {
    return this.kind.id;
  }

  open(): () => void {
    this.begin();
    return () => this.end();
  }

  update(change: News): void {
    this.attempt((tab) => tab.update(change));
    this.count();
  }

  choose(chosen: boolean): void {
    this.chosen = chosen;
    this.panel.hidden = !chosen;
    this.tools.hidden = !chosen;
    if (chosen) this.attempt((tab) => tab.shown());
    this.count();
  }

  private begin(): void {
    try {
      const tab = new this.kind.make(this.context);
      this.panel.replaceChildren(tab.element);
      this.tools.replaceChildren(tab.tools);
      this.close = tab.open();
      this.tab = tab;
    } catch (error) {
      this.fail(error);
    }
  }

  private end(): void {
    const close = this.close;
    this.tab = null;
    this.close = () => {};
    try {
      close();
    } catch (error) {
      console.error("nbtrack:", error);
    }
  }

  private attempt(action: (tab: Tab<News>) => void): void {
    if (!this.tab) return;
    try {
      action(this.tab);
    } catch (error) {
      this.fail(error);
    }
  }

  private count(): void {
    this.attempt((tab) => {
      setText(this.badge, tab.count());
      this.button.hidden = !this.chosen && (tab.isEmpty?.() ?? false);
    });
  }

  private fail(error: unknown): void {
    console.error(`nbtrack: the tab ${this.kind.word} stopped:`, error);
    this.failures++;
    this.end();
    this.tools.replaceChildren();
    const times = this.failures > 1 ? ` (${this.failures} times so far)` : "";
    const again = h("button", { type: "button", class: "nbt-button" }, "Show it again");
    again.addEventListener("click", () => {
      this.begin();
      this.choose(this.chosen);
    });
    this.panel.replaceChildren(
      h(
        "div",
        { class: "nbt-empty", role: "alert" },
        icon("error"),
        h("p", {}, `The tab ${this.kind.word} stopped working${times}`),
        h("p", { class: "nbt-quiet" }, error instanceof Error ? error.message : String(error)),
        h("p", { class: "nbt-quiet" }, "The other tabs go on, and logging is not affected."),
        again,
      ),
    );
  }
}
