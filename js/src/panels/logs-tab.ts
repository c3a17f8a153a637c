/**
 * What the run printed: a list that makes only the rows that can be seen and fetches only
 * their lines, follows the newest line until somebody scrolls away from it, filters and
 * searches.
 */
import { formatDuration, formatMoment } from "../chart";
import { type Change, FoundLines, isEmpty, LogBook, matcher, plainOf } from "../data";
import type { Line } from "../protocol";
import { h, Scope, setText } from "./dom";
import { steppedTo } from "./log-cursor";
import { LogFinder } from "./log-finder";
import { logRow } from "./log-row";
import { saveAs, trouble } from "./saving";
import { arrange } from "./staying";
import type { Tab, TabContext } from "./tab";
import { iconButton, selection, toggle } from "./tools";

/** Height of a row; the style sheet says the same. */
const ROW_PX = 18;
/** Rows made above and below what can be seen. */
const SPARE_ROWS = 12;
/** Lines fetched above and below what can be seen, so that scrolling finds them there. */
const AHEAD_ROWS = 150;
/** Firefox makes no element higher than 17.8 million pixels; beyond this, a pixel is more. */
const MOST_PX = 15_000_000;

const STREAMS = [
  ["", "All output"],
  ["stdout", "stdout"],
  ["stderr", "stderr"],
  ["nbtrack", "nbtrack"],
] as const;
const LEVELS = [
  ["all", "All levels"],
  ["warning", "Warnings"],
  ["error", "Errors"],
] as const;

/** A row in the page, and what it was made of. */
interface Made {
  readonly line: Line | undefined;
  readonly started: number;
  readonly mark: RegExp | null;
  readonly element: HTMLElement;
}

export class LogsTab implements Tab {
  readonly element: HTMLElement;
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly rows = h("div", { class: "nbt-log-rows" });
  private readonly space = h("div", { class: "nbt-log-space" }, this.rows);
  private readonly view = h(
    "div",
    {
      ...{ class: "nbt-log", role: "log", "aria-label": "Console", "aria-live": "off" },
      ...{ tabindex: 0, "aria-keyshortcuts": "ArrowUp ArrowDown Enter" },
      "aria-description": "Arrow keys choose a line, Enter shows its moment in the charts.",
    },
    this.space,
  );
  private readonly note = h("div", { class: "nbt-log-note", hidden: true });
  private readonly empty = h(
    "div",
    { class: "nbt-empty" },
    h("p", {}, "Nothing printed yet"),
    h("p", { class: "nbt-quiet" }, "What the cells of this run print appears here."),
  );
  private readonly fresh = h("button", { type: "button", class: "nbt-log-fresh", hidden: true });
  private readonly onlyButton: HTMLButtonElement;
  private readonly followButton: HTMLButtonElement;
  private readonly downloadButton = iconButton("download", "Download");
  private readonly finder: LogFinder;
  private readonly scope: Scope;
  private readonly book: LogBook;
  private readonly redraw: () => void;
  private readonly renew: () => void;
  /** The lines that are shown; null for all. */
  private filtered: FoundLines | null = null;
  private mark: RegExp | null = null;
  /** Rows that are in the page, by the number of their line. */
  private made = new Map<number, Made>();
  private drawn = "";
  private leftAt = 0;
  /** Numbers of the line whose moment the charts show, and of the keyboard's; -1 for none. */
  private picked = -1;
  private cursor = -1;
  private saving = false;

  constructor(private readonly context: TabContext) {
    const { state, feed } = context;
    // What was kept of an earlier look may be of another version.
    if (!STREAMS.some(([stream]) => stream === state.logStream)) state.logStream = "";
    if (!LEVELS.some(([level]) => level === state.logLevel)) state.logLevel = "all";
    this.scope = new Scope(context.failed);
    this.redraw = this.scope.inFrame(() => this.draw(true));
    this.renew = this.scope.inFrame(() => this.refresh());
    this.book = new LogBook(feed, () => this.redraw());
    this.finder = new LogFinder(this.scope, state.logSearch, {
      searched: (text) => {
        state.logSearch = text;
        this.look();
      },
      step: (by) => this.goTo(by),
    });
    this.onlyButton = toggle(this.scope, "filter", "Only matches", state.logOnly, (only) => {
      state.logOnly = only;
      this.look();
    });
    this.followButton = toggle(this.scope, "follow", "Follow", state.follow, (on) =>
      this.follow(on),
    );
    this.followButton.title = "Stay at the newest line";
    this.element = h("div", { class: "nbt-logs" }, this.note, this.empty, this.view, this.fresh);
    this.tools.append(this.finder.element, ...this.filters(), this.followButton);
    this.tools.append(this.downloadButton);
  }

  open(): () => void {
    const { scope, context } = this;
    scope.listen(this.view, "scroll", () => this.scrolled(), { passive: true });
    scope.listen(this.view, "click", (event) => this.clicked(event));
    scope.listen(this.view, "keydown", (event) => this.keyed(event));
    scope.listen(this.fresh, "click", () => this.follow(true));
    scope.listen(this.downloadButton, "click", () => void this.download());
    const sized = new ResizeObserver(() => this.redraw());
    sized.observe(this.view);
    scope.add(() => sized.disconnect());
    if (context.feed.store.run) this.look();
    return () => scope.release();
  }

  update(change: Change): void {
    if (!change.lines) return;
    this.filtered?.extend();
    this.finder.found?.extend();
    this.renew();
  }

  shown(): void {
    if (!this.filtered && !this.finder.found) this.look();
    this.refresh();
  }

  count(): string {
    return short(this.book.count);
  }

  private filters(): HTMLElement[] {
    const { state } = this.context;
    const changed = () => this.look();
    return [
      selection(this.scope, "Stream", STREAMS, state.logStream, (stream) => {
        state.logStream = stream;
        changed();
      }),
      selection(this.scope, "Level", LEVELS, state.logLevel, (level) => {
        state.logLevel = level;
        changed();
      }),
      this.onlyButton,
      toggle(this.scope, "pending", "Times", state.logTimes, (times) => {
        state.logTimes = times;
        this.draw(true);
      }),
    ];
  }

  /** Looks for what is filtered and searched. */
  private look(): void {
    const { feed, state } = this.context;
    const { logStream, logLevel, logSearch, logOnly } = state;
    const where = { streams: logStream === "" ? [] : [logStream], level: logLevel };
    const only = logOnly ? logSearch : "";
    const filter = { ...where, search: only };
    this.mark = matcher(logSearch);
    this.filtered = isEmpty(filter) ? null : new FoundLines(feed, filter, () => this.renew());
    const found =
      logSearch === ""
        ? null
        : only !== "" && this.filtered
          ? this.filtered
          : new FoundLines(feed, { ...where, search: logSearch }, () => this.wasFound());
    this.finder.show(found);
    this.onlyButton.hidden = logSearch === "";
    if (this.filtered) void this.filtered.look().then(() => this.wasFound());
    if (found && found !== this.filtered) void found.look();
    this.refresh();
  }

  private wasFound(): void {
    const { found } = this.finder;
    if (found && !found.pending && this.finder.position < 0 && found.numbers.length > 0) {
      const at = this.context.state.follow ? this.book.count : this.numberAt(this.firstVisible());
      const position = Math.min(found.positionOf(at ?? 0), found.numbers.length - 1);
      this.finder.position = position;
      this.reveal(found.numbers[position] as number);
    }
    this.finder.update();
    this.renew();
  }

  private goTo(by: number): void {
    const { found } = this.finder;
    const count = found?.numbers.length ?? 0;
    if (!found || count === 0) return;
    this.finder.position = (this.finder.position + by + count) % count;
    this.finder.update();
    this.reveal(found.numbers[this.finder.position] as number);
    this.refresh();
  }

  /** Scrolls to a line, into the middle of what can be seen, unless it can be seen. */
  private reveal(number: number): void {
    const position = this.positionOf(number);
    this.picked = number;
    const first = this.firstVisible();
    const rows = Math.floor(this.view.clientHeight / ROW_PX);
    if (position < first || position >= first + rows - 1) {
      if (position < this.length - rows) this.setFollow(false);
      this.view.scrollTop = this.scrollOf((position - rows / 2) * ROW_PX);
    }
    this.redraw();
  }

  // --- the list ---------------------------------------------------------------------------

  private get length(): number {
    return this.filtered ? this.filtered.numbers.length : this.book.count - this.book.first;
  }

  private numberAt(position: number): number | undefined {
    return this.filtered ? this.filtered.numbers[position] : this.book.first + position;
  }

  private positionOf(number: number): number {
    return this.filtered ? this.filtered.positionOf(number) : number - this.book.first;
  }

  /** Brings everything up to date, if the tab can be seen. */
  private refresh(): void {
    if (this.element.closest("[hidden]")) return;
    const { length } = this;
    this.empty.hidden = length > 0;
    if (length === 0) this.showEmpty();
    this.showNote();
    this.finder.update();
    this.space.style.height = `${Math.min(length * ROW_PX, MOST_PX)}px`;
    if (this.context.state.follow) this.view.scrollTop = this.view.scrollHeight;
    this.showFresh();
    this.draw(true);
  }

  private showEmpty(): void {
    const pending = this.filtered?.pending === true;
    const nothing = pending ? "Looking …" : "No line matches";
    setText(
      this.empty.firstElementChild as HTMLElement,
      this.book.count > 0 ? nothing : "Nothing printed yet",
    );
    setText(
      this.empty.lastElementChild as HTMLElement,
      this.book.count > 0
        ? `Of ${lines(this.book.count)}.`
        : "What the cells of this run print appears here.",
    );
  }

  private showNote(): void {
    const found = [this.filtered, this.finder.found].find((one) => one?.trouble);
    const said = found?.trouble || this.book.trouble;
    const cut =
      this.filtered && this.filtered.total > this.filtered.numbers.length ? this.filtered : null;
    const earlier = this.filtered ? 0 : this.book.first;
    if (said) {
      const text = `${found ? "The search failed" : "Lines could not be fetched"}: ${said}`;
      const retry = () => (found ? this.look() : this.book.retry());
      if (this.note.querySelector(".nbt-trouble-text")?.textContent !== text)
        this.note.replaceChildren(trouble(text, retry));
    } else if (cut) {
      const [shown, all] = [cut.numbers.length, cut.total].map((one) =>
        one.toLocaleString("en-US"),
      );
      setText(
        this.note,
        `The first ${shown} of ${all} matching lines. Search for something rarer.`,
      );
    } else if (earlier > 0) {
      setText(this.note, `${lines(earlier, "earlier ")} are in the store, not in this notebook.`);
    }
    this.note.hidden = !said && !cut && earlier === 0;
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
    this.leftAt = this.length;
    this.followButton.setAttribute("aria-pressed", String(follow));
    this.showFresh();
  }

  private showFresh(): void {
    const news = this.length - this.leftAt;
    this.fresh.hidden = this.context.state.follow || news <= 0;
    if (!this.fresh.hidden) setText(this.fresh, `${lines(news, "new ")} ↓`);
  }

  /** Pixels of the whole list above what can be seen. */
  private get top(): number {
    const { scrollTop, clientHeight } = this.view;
    const whole = this.length * ROW_PX;
    if (whole <= MOST_PX) return scrollTop;
    return (scrollTop / (MOST_PX - clientHeight)) * (whole - clientHeight);
  }

  /** Where to scroll so that so many pixels of the whole list are above. */
  private scrollOf(top: number): number {
    const { clientHeight } = this.view;
    const whole = this.length * ROW_PX;
    if (whole <= MOST_PX) return top;
    return (top / (whole - clientHeight)) * (MOST_PX - clientHeight);
  }

  private firstVisible(): number {
    return Math.floor(this.top / ROW_PX);
  }

  /** Makes the rows around what can be seen; nothing when they are there already. */
  private draw(changed: boolean): void {
    const { scrollTop, clientHeight } = this.view;
    if (clientHeight === 0) return;
    const { top } = this;
    const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE_ROWS);
    const last = Math.min(this.length, Math.ceil((top + clientHeight) / ROW_PX) + SPARE_ROWS);
    this.rows.style.transform = `translateY(${Math.round(scrollTop - top + first * ROW_PX)}px)`;
    const drawn = `${first} ${last}`;
    if (!changed && drawn === this.drawn) return;
    this.drawn = drawn;
    this.want(first - AHEAD_ROWS, last + AHEAD_ROWS);
    const started = this.context.feed.store.run?.started ?? 0;
    const made = this.made;
    this.made = new Map();
    for (let position = first; position < last; position++) {
      const number = this.numberAt(position) as number;
      const row = this.rowOf(number, started, made.get(number));
      row.element.toggleAttribute("data-picked", number === this.picked);
      row.element.toggleAttribute("data-cursor", number === this.cursor);
      this.made.set(number, row);
    }
    this.view.toggleAttribute("data-times", this.context.state.logTimes);
    arrange(
      this.rows,
      Array.from(this.made.values(), ({ element }) => element),
    );
  }

  /** One that says the same stays, and so does what somebody selected in it. */
  private rowOf(number: number, started: number, known: Made | undefined): Made {
    const line = this.book.at(number);
    const { mark } = this;
    if (known?.line === line && known?.mark === mark && known?.started === started) return known;
    const element = logRow(line, started, mark);
    element.dataset.number = String(number);
    return { line, started, mark, element };
  }

  private want(first: number, last: number): void {
    const numbers: number[] = [];
    for (let at = Math.max(0, first); at < Math.min(last, this.length); at++) {
      numbers.push(this.numberAt(at) as number);
    }
    this.book.want(numbers);
  }

  // --- one line ---------------------------------------------------------------------------

  private clicked(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>(".nbt-log-row");
    if (!row || String(getSelection() ?? "") !== "") return;
    this.cursor = Number(row.dataset.number);
    this.pick(this.cursor);
  }

  private keyed(event: KeyboardEvent): void {
    if (event.target !== this.view || event.altKey || event.ctrlKey || event.metaKey) return;
    const { cursor, length } = this;
    const at = cursor < 0 ? null : this.positionOf(cursor);
    const rows = Math.floor(this.view.clientHeight / ROW_PX);
    const to = steppedTo(event.key, { at, first: this.firstVisible(), rows, length });
    if (to !== null) this.stepTo(to);
    else if (event.key === "Enter" && cursor >= 0) this.pick(cursor);
    else if (event.key === "Escape" && this.picked >= 0) this.pick(this.picked);
    else return;
    event.preventDefault();
  }

  /** Takes the keyboard to a line, which is read aloud and scrolled into sight. */
  private stepTo(position: number): void {
    this.cursor = this.numberAt(position) as number;
    this.setFollow(position === this.length - 1);
    const { top, view } = this;
    const [from, to] = [position * ROW_PX, (position + 2) * ROW_PX - view.clientHeight];
    if (from < top) view.scrollTop = this.scrollOf(from);
    else if (to > top) view.scrollTop = this.scrollOf(to);
    const line = this.book.at(this.cursor);
    if (line) this.context.say(plainOf(line));
    this.draw(true);
  }

  /** Shows the moment of a line in the charts, or, of the same line again, no longer. */
  private pick(number: number): void {
    const line = this.book.at(number);
    const { run } = this.context.feed.store;
    if (!line || !run) return;
    const again = this.picked === line.number;
    this.picked = again ? -1 : line.number;
    const time = line.time - run.started;
    this.context.stage.point(again ? null : { time, step: Number.NaN }, null);
    const words = `Printed ${formatMoment(line.time)}, after ${formatDuration(time)}.`;
    this.context.say(
      again ? "The crosshair is gone." : `${words} The charts' crosshair stands there.`,
    );
    this.draw(true);
  }

  // --- download ---------------------------------------------------------------------------

  private async download(): Promise<void> {
    if (this.saving) {
      this.saving = false;
      return;
    }
    const word = this.downloadButton.querySelector(".nbt-word") as HTMLElement;
    this.saving = true;
    try {
      const parts = await this.texts((share) => setText(word, `${Math.floor(100 * share)} %`));
      if (parts) saveAs(`${this.context.feed.store.run?.name ?? "run"}.log`, parts, "text/plain");
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.note.replaceChildren(trouble(`Not saved: ${why}`, () => void this.download()));
      this.note.hidden = false;
    }
    this.saving = false;
    setText(word, "Download");
  }

  /** The text of all lines, in pieces; null when somebody ends it. */
  private async texts(progress: (share: number) => void): Promise<string[] | null> {
    const parts: string[] = [];
    const { count } = this.book;
    for (let next = this.book.first; next < count; ) {
      if (!this.saving) return null;
      const some: readonly Line[] = await this.book.lines(next, count - next);
      const last = some.at(-1);
      if (!last) break;
      parts.push(some.map((line) => `${plainOf(line)}\n`).join(""));
      next = last.number + 1;
      progress(next / count);
    }
    return parts;
  }
}

function lines(count: number, kind = ""): string {
  return `${count.toLocaleString("en-US")} ${kind}${count === 1 ? "line" : "lines"}`;
}

function short(count: number): string {
  if (count === 0) return "";
  if (count < 10_000) return String(count);
  return count < 1_000_000 ? `${Math.floor(count / 1000)}k` : `${(count / 1e6).toFixed(1)}M`;
}
