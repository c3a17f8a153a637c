/**
 * What the run printed: a list that makes only the rows that can be seen, follows the
 * newest line until somebody scrolls away from it, and filters as you type.
 */
import { formatDuration } from "../chart";
import type { Change } from "../data";
import type { Line } from "../protocol";
import { cssColor, parseAnsi, plainText, type Style } from "./ansi";
import { h, matcher, Scope, setText } from "./dom";
import type { Tab, TabContext } from "./tab";
import { iconButton, searchField } from "./tools";

/** Height of a row; the style sheet says the same. */
const ROW_PX = 18;
/** Rows made above and below what can be seen. */
const SPARE_ROWS = 12;

export class LogsTab implements Tab {
  readonly element: HTMLElement;
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly rows = h("div", { class: "nbt-log-rows" });
  private readonly space = h("div", { class: "nbt-log-space" }, this.rows);
  private readonly view = h(
    "div",
    { class: "nbt-log", role: "log", "aria-label": "Console", "aria-live": "off", tabindex: 0 },
    this.space,
  );
  private readonly earlier = h("p", { class: "nbt-log-earlier", hidden: true });
  private readonly empty = h(
    "div",
    { class: "nbt-empty" },
    h("p", {}, "Nothing printed yet"),
    h("p", { class: "nbt-quiet" }, "What the cells of this run print appears here."),
  );
  private readonly followButton: HTMLButtonElement;
  private readonly downloadButton = iconButton("download", "Download");
  private readonly scope = new Scope();
  private shownLines: readonly Line[] = [];
  private search: RegExp | null = null;
  private drawn = "";
  private frame = 0;
  /** Lines without their colours, made once: a search reads them all at each change. */
  private readonly plainLines = new WeakMap<Line, string>();

  constructor(private readonly context: TabContext) {
    this.followButton = iconButton("follow", "Follow", { "aria-pressed": context.state.follow });
    this.followButton.title = "Stay at the newest line";
    this.element = h("div", { class: "nbt-logs" }, this.earlier, this.empty, this.view);
    const search = searchField(this.scope, "Search log", context.state.logSearch, (text) => {
      context.state.logSearch = text;
      this.searchFor(text);
    });
    this.tools.append(search, this.followButton, this.downloadButton);
  }

  open(): () => void {
    this.scope.listen(this.view, "scroll", () => this.scrolled(), { passive: true });
    this.scope.listen(this.followButton, "click", () => this.follow(!this.context.state.follow));
    this.scope.listen(this.downloadButton, "click", () => this.download());
    const sized = new ResizeObserver(() => this.draw(true));
    sized.observe(this.view);
    this.scope.add(() => sized.disconnect());
    this.scope.add(() => cancelAnimationFrame(this.frame));
    this.searchFor(this.context.state.logSearch);
    return () => this.scope.release();
  }

  update(change: Change): void {
    if (!change.lines || this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.refresh();
    });
  }

  shown(): void {
    this.refresh();
  }

  count(): string {
    const last = this.context.feed.store.console.lines.at(-1);
    return last ? short(last.number + 1) : "";
  }

  private searchFor(text: string): void {
    this.search = matcher(text);
    this.refresh();
  }

  /** Takes the lines that the search leaves, and draws when the tab can be seen. */
  private refresh(): void {
    if (this.element.closest("[hidden]")) return;
    const { lines } = this.context.feed.store.console;
    const { search } = this;
    this.shownLines = search ? lines.filter((line) => search.test(this.plain(line))) : lines;
    this.empty.hidden = this.shownLines.length > 0;
    setText(
      this.empty.firstElementChild as HTMLElement,
      lines.length > 0 ? "No line matches" : "Nothing printed yet",
    );
    const before = lines[0]?.number ?? 0;
    this.earlier.hidden = before === 0;
    setText(
      this.earlier,
      `${before.toLocaleString("en-US")} earlier lines are in the store, not here.`,
    );
    this.space.style.height = `${this.shownLines.length * ROW_PX}px`;
    if (this.context.state.follow) this.view.scrollTop = this.view.scrollHeight;
    this.draw(true);
  }

  private plain(line: Line): string {
    let text = this.plainLines.get(line);
    if (text === undefined) {
      text = plainText(line.text);
      this.plainLines.set(line, text);
    }
    return text;
  }

  private scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.view;
    const atEnd = scrollHeight - scrollTop - clientHeight < 1.5 * ROW_PX;
    if (clientHeight > 0 && atEnd !== this.context.state.follow) this.setFollow(atEnd);
    this.draw(false);
  }

  private follow(follow: boolean): void {
    this.setFollow(follow);
    if (follow) this.view.scrollTop = this.view.scrollHeight;
  }

  private setFollow(follow: boolean): void {
    this.context.state.follow = follow;
    this.followButton.setAttribute("aria-pressed", String(follow));
  }

  /** Makes the rows around what can be seen; nothing when they are there already. */
  private draw(changed: boolean): void {
    const { scrollTop, clientHeight } = this.view;
    if (clientHeight === 0) return;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - SPARE_ROWS);
    const last = Math.ceil((scrollTop + clientHeight) / ROW_PX) + SPARE_ROWS;
    const drawn = `${first} ${last}`;
    if (!changed && drawn === this.drawn) return;
    this.drawn = drawn;
    this.rows.style.transform = `translateY(${first * ROW_PX}px)`;
    this.rows.replaceChildren(...this.shownLines.slice(first, last).map((line) => this.row(line)));
  }

  private row(line: Line): HTMLElement {
    const started = this.context.feed.store.run?.started ?? line.time;
    const time = h("span", { class: "nbt-log-time" }, formatDuration(line.time - started));
    const text = h("span", { class: "nbt-log-text" });
    for (const { text: piece, style } of parseAnsi(line.text)) {
      text.append(...marked(piece, this.search).map((node) => styled(node, style)));
    }
    return h("div", { class: "nbt-log-row", "data-stream": line.stream }, time, text);
  }

  private download(): void {
    const { store } = this.context.feed;
    const text = store.console.lines.map((line) => `${plainText(line.text)}\n`).join("");
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    h("a", { href: url, download: `${fileName(store.run?.name ?? "run")}.log` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}

/** A name that every system takes for a file: letters, digits, `-`, `_` and `.` only. */
function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, "-").replace(/^[.-]+/, "") || "run";
}

/** A piece of text as nodes, with what the search found marked. */
function marked(text: string, search: RegExp | null): (Text | HTMLElement)[] {
  if (!search) return [document.createTextNode(text)];
  const nodes: (Text | HTMLElement)[] = [];
  let from = 0;
  for (const match of text.matchAll(new RegExp(search, "gi"))) {
    if (match[0] === "") continue;
    nodes.push(document.createTextNode(text.slice(from, match.index)));
    nodes.push(h("mark", {}, match[0]));
    from = match.index + match[0].length;
  }
  nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}

function styled(node: Text | HTMLElement, style: Style): Node {
  if (Object.keys(style).length === 0) return node;
  const span = h("span", {}, node);
  const [color, background] = style.inverse
    ? [style.background ?? "var(--nbt-bg)", style.color ?? "var(--nbt-fg)"]
    : [style.color, style.background];
  if (color !== undefined) span.style.color = cssColor(color);
  if (background !== undefined) span.style.backgroundColor = cssColor(background);
  if (style.bold) span.style.fontWeight = "600";
  if (style.dim) span.style.opacity = "0.7";
  if (style.italic) span.style.fontStyle = "italic";
  const lines = [style.underline && "underline", style.strike && "line-through"].filter(Boolean);
  if (lines.length > 0) span.style.textDecoration = lines.join(" ");
  return span;
}

function short(count: number): string {
  return count < 10_000 ? String(count) : `${Math.floor(count / 1000)}k`;
}
