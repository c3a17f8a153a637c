/** The list of runs: searched, filtered, grouped by project, live. */

import type { RequestError, Source } from "../../data";
import { h, setText } from "../../panels/dom";
import type { RunPage, RunRow } from "../../protocol";
import { finishRuns } from "../acting";
import type { Choice, Chosen, Deed } from "../chosen";
import type { RunsLine } from "../line";
import type { Makers } from "../notebooks";
import { isUnmet, slipIn } from "../slips";
import { type RunKey, Selection } from "../table/selection";
import { trans } from "../translation";
import { Attention } from "./attention";
import { Chips } from "./chips";
import { ChosenBar } from "./chosen-bar";
import type { Choices } from "./complete";
import { Page } from "./page";
import { RunScroll } from "./scroll";
import { SearchField } from "./search";
import { type FacetName, Wishes } from "./wishes";

const TICK_MS = 1_000;
/** A short break of the line, as at a server's restart, is not worth words. */
const PATIENCE_MS = 1_500;
/** Runs of one page, several screens long; the next one is asked for before its end is seen. */
const LIMIT = 120;
const MARGIN = 20;
const MOST_CRASHED = 20;

const VIEW = "list";
const NOTHING: Choices = { facets: [], fields: [] };
const EXAMPLE = 'import nbtrack\nrun = nbtrack.init()\nrun.log({"loss": 0.5})';

export interface SidebarOptions {
  /** Where the list comes from; asked for each time that the sidebar is shown. */
  readonly source: () => Source;
  /** Where runs that are open or crashed come from. */
  readonly line: RunsLine;
  readonly open: (run: RunRow) => void;
  /** Does something to the runs that are selected; gives those that are there no more. */
  readonly act: (deed: Deed, keys: readonly RunKey[]) => Promise<readonly RunKey[]>;
  /** Takes what is selected, whenever that is something else. */
  readonly chosen: Pick<Chosen, "note" | "gone">;
  /** Why the server does not answer, in words. */
  readonly explain: () => Promise<string>;
}

export class Sidebar {
  readonly element: HTMLElement = h("div", { class: "nbt-lab" });
  private readonly wishes = new Wishes();
  private readonly page = new Page();
  private open: readonly RunRow[] = [];
  private crashed: readonly RunRow[] = [];
  private readonly badge = h("span", { class: "nbt-lab-badge" });
  private readonly trouble = h("div", { class: "nbt-lab-trouble", role: "status" });
  private readonly nothing = h("div", { class: "nbt-lab-nothing" });
  private readonly search: SearchField;
  private readonly chips: Chips;
  private readonly attention: Attention;
  private readonly list: RunScroll;
  private readonly selection = new Selection(() => this.choiceChanged());
  private readonly bar: ChosenBar;
  private readonly choice: Choice = {
    count: () => this.selection.size,
    isSeen: () => this.bar.element.checkVisibility(),
    act: (deed) => {
      const { act, chosen } = this.options;
      void act(deed, this.selection.all()).then((gone) => chosen.gone(gone));
    },
    forget: (keys) => this.selection.forget(keys),
  };
  /** The run that was selected last: where a stretch begins. */
  private anchor = "";
  private choices = NOTHING;
  private makers: Makers | null = null;
  private source: Source | null = null;
  private close: (() => void) | null = null;
  private unwatch: () => void = () => {};
  private heard = false;
  private offset = 0;
  /** Folded groups as they were asked for last, and as they are on the page that is shown. */
  private asked: ReadonlySet<string> = new Set();
  private folded: ReadonlySet<string> = new Set();
  private asking = false;
  private askAgain = false;
  private enterLater = false;
  /** Why the server could not answer what stands in the search, "" when it could. */
  private refusal = "";
  private timer: ReturnType<typeof setInterval> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;

  constructor(private readonly options: SidebarOptions) {
    const { wishes } = this;
    this.search = new SearchField({
      changed: (text) => {
        wishes.kept.search = text;
        this.changed();
      },
      entered: () => this.entered(),
      left: () => this.list.enter(),
      begun: () => void this.learn(),
      choices: () => this.choices,
    });
    this.chips = new Chips({
      wishes,
      choices: () => this.choices,
      changed: () => this.changed(),
    });
    this.attention = new Attention({
      dismissed: wishes.kept.dismissed,
      dismiss: (uids) => this.dismiss(uids),
      open: options.open,
      show: (state) => this.only("state", state),
      finish: (runs) => this.finish(runs.map(({ uid }) => uid)),
      failed: (words) => this.say(words),
    });
    this.bar = new ChosenBar(this.choice.act, () => this.selection.clear());
    this.list = new RunScroll({
      page: this.page,
      open: options.open,
      choose: (key, how) => void this.choose(key, how),
      isChosen: (key) => this.selection.has(key),
      folded: () => this.folded,
      fold: (project, folded) => this.fold(project, folded),
      seen: (first, last) => this.seen(first, last),
    });
    this.build();
  }

  private watch(): void {
    const { line } = this.options;
    const unfollow = line.followOpen((runs) => {
      this.open = runs;
      this.drawSoon();
    });
    const crashed = { only: { state: ["crashed"] }, order: "-heartbeat_at", limit: MOST_CRASHED };
    line.ask("crashed", crashed, (runs) => {
      this.crashed = runs;
      this.drawSoon();
    });
    this.unwatch = () => {
      unfollow();
      line.leave("crashed");
    };
  }

  /** Begins to listen; what was shown before stays until the server answers. */
  resume(): void {
    if (this.close) return;
    const source = this.options.source();
    this.source = source;
    this.close = source.open({
      connected: () => void this.ask(),
      lost: () => this.lost(),
      message: (news) => {
        if (news.op === "page") this.take(news);
      },
    });
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.watch();
    this.draw();
  }

  /** Listens no more: a hidden list costs nothing. */
  pause(): void {
    this.close?.();
    this.close = null;
    this.unwatch();
    clearInterval(this.timer);
    clearTimeout(this.patience);
    this.patience = undefined;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  focus(): void {
    this.search.input.focus();
  }

  /** Shows only what has a value in a field. */
  only(field: FacetName, value: string): void {
    this.wishes.clear();
    this.wishes.toggle(field, value);
    this.search.input.value = "";
    this.changed();
  }

  /** Shows only what meets a search. */
  find(text: string): void {
    this.wishes.clear();
    this.search.type(text);
  }

  /** Marks the run that the main area shows. */
  mark(uid: string | null): void {
    this.list.mark(uid);
  }

  /** Which notebook is in front; the last one stays while there is none. */
  setMakers(makers: Makers | null): void {
    if (makers === null) return;
    this.makers = makers;
    this.chips.draw(true);
    if (this.wishes.kept.here) this.changed();
  }

  private build(): void {
    const { chips, search } = this;
    const title = h("h2", { class: "nbt-lab-title" }, trans.__("Runs"));
    const tools = h("div", { class: "nbt-lab-tools" }, search.element, chips.sort);
    this.element.append(
      h("div", { class: "nbt-lab-head" }, title, this.badge),
      tools,
      search.said,
      chips.element,
      this.attention.element,
      this.trouble,
      this.list.element,
      this.bar.element,
    );
    search.input.value = this.wishes.kept.search;
    this.badge.hidden = true;
    this.trouble.hidden = true;
    chips.draw(false);
    this.element.addEventListener("keydown", (event) => this.keyed(event));
  }

  /** A slash leads to the search, wherever nothing is typed. */
  private keyed(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement) return;
    if (event.key === "/") this.search.input.focus();
    else if (event.key === "Escape" && this.selection.size > 0) this.selection.clear();
    else if (event.key === "Escape" && this.search.text !== "") this.search.type("");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private clear(): void {
    this.wishes.clear();
    this.search.type("");
  }

  private changed(): void {
    this.enterLater = false;
    this.wishes.save();
    this.chips.draw(this.makers !== null);
    this.offset = 0;
    this.list.toTop();
    void this.ask();
  }

  /** Enter keeps a filter as a chip, and leads from a name to its runs. */
  private entered(): void {
    const { kept } = this.wishes;
    const text = this.search.text.trim();
    this.enterLater = this.asking;
    if (this.asking || this.refusal !== "") return;
    if (this.page.head?.meaning !== "filter") {
      this.list.enter();
      return;
    }
    kept.where = [...kept.where.filter((one) => one !== text), text];
    this.search.type("");
  }

  private fold(project: string, folded: boolean): void {
    if (folded) this.wishes.kept.folded.add(project);
    else this.wishes.kept.folded.delete(project);
    this.wishes.save();
    void this.ask();
  }

  private dismiss(uids: readonly string[]): void {
    for (const uid of uids) this.wishes.kept.dismissed.add(uid);
    this.wishes.save();
    this.drawAttention();
  }

  private async choose(key: RunKey, how: "toggle" | "extend"): Promise<void> {
    const [from, to] = [this.page.placeOf(this.anchor), this.page.placeOf(key)];
    if (how === "toggle" || from < 0 || to < 0) {
      this.anchor = key;
      this.selection.toggle(key);
      return;
    }
    const [offset, end] = [Math.min(from, to), Math.max(from, to)];
    const stretch = { offset, limit: end - offset + 1, all: false };
    const answer = await this.source
      ?.send({ op: "pick", view: VIEW, ...stretch })
      .catch((error: Error) => this.say(error.message));
    this.selection.add(answer?.reply.picked ?? []);
  }

  private choiceChanged(): void {
    this.bar.show(this.selection.size);
    this.options.chosen.note(this.choice);
    this.drawSoon();
  }

  private async finish(uids: readonly string[]): Promise<void> {
    const { source } = this;
    if (source) await finishRuns((ask) => source.send(ask), uids);
  }

  private seen(first: number, last: number): void {
    const { head } = this.page;
    if (!head) return;
    const end = head.offset + head.order.length;
    const isMissing =
      (first < head.offset + MARGIN && head.offset > 0) ||
      (last >= end - MARGIN && end < this.unfolded());
    const offset = Math.max(0, Math.floor((first + last) / 2 - LIMIT / 2));
    if (!isMissing || Math.abs(offset - this.offset) < MARGIN) return;
    this.offset = offset;
    void this.ask();
  }

  private unfolded(): number {
    const last = this.page.sections(this.folded).at(-1);
    return last ? last.first + (last.folded ? 0 : last.group.count) : 0;
  }

  /** Asks what there is to choose from. */
  private async learn(): Promise<void> {
    const answer = await this.source?.send({ op: "facets" }).catch(() => null);
    const { facets, fields } = answer?.reply ?? {};
    if (!facets || !fields) return;
    this.choices = { facets, fields };
    this.drawSoon();
  }

  /** Asks for the list as it is wanted now; what is typed meanwhile is asked for afterwards. */
  private async ask(): Promise<void> {
    const { source } = this;
    if (!source) return;
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    const question = this.wishes.question(this.makers);
    this.asked = new Set(question.folded);
    try {
      await source.send({ ...question, view: VIEW, offset: this.offset, limit: LIMIT });
      this.well();
      this.refusal = "";
    } catch (error) {
      this.refused(error as RequestError);
    }
    this.asking = false;
    this.tellMeaning();
    if (this.askAgain) {
      this.askAgain = false;
      void this.ask();
    }
  }

  private refused(error: RequestError): void {
    this.enterLater = false;
    if (error.kind === "UsageError") this.refusal = error.message;
    else if (error.kind !== "NotConnected" && error.kind !== "Closed") this.say(error.message);
  }

  private take(page: RunPage): void {
    this.heard = true;
    if (page.total !== this.page.head?.total || isUnmet(page)) void this.learn();
    if (page.full) this.folded = this.asked;
    this.page.apply(page);
    if (this.enterLater && !this.asking) this.entered();
    this.drawSoon();
  }

  private drawSoon(): void {
    if (this.frame !== 0 || !this.close) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { head } = this.page;
    const open = head?.open ?? 0;
    this.badge.hidden = open === 0;
    setText(this.badge, trans._n("%1 open", "%1 open", open));
    this.tellMeaning();
    this.drawAttention();
    const isEmpty = (head?.groups.length ?? 0) === 0;
    if (isEmpty) this.drawNothing();
    if (isEmpty !== this.nothing.isConnected) {
      if (isEmpty) this.list.element.before(this.nothing);
      else this.nothing.remove();
    }
    this.list.element.hidden = isEmpty;
    // Where there is nothing to find, nothing is offered to find it by.
    const hasRuns = !this.heard || (head?.total ?? 0) > 0;
    for (const tool of [this.chips.element, this.chips.sort]) tool.hidden = !hasRuns;
    this.list.draw(this.wishes.column);
  }

  private drawAttention(): void {
    this.attention.draw([...this.open, ...this.crashed], Date.now() / 1000);
  }

  /** How many runs there are of all, and as what the search was understood. */
  private tellMeaning(): void {
    const { head } = this.page;
    const isPlain = !this.wishes.narrows && head?.left_out === 0;
    if (this.refusal !== "" || !head || isPlain) {
      this.search.say(this.refusal, this.refusal !== "");
      return;
    }
    const how: Readonly<Record<RunPage["meaning"], string>> = {
      all: "",
      names: "",
      text: trans.__("as plain text"),
      filter: trans.__("filter, Enter keeps it"),
    };
    const [matching, total] = [head.matching.toLocaleString(), head.total.toLocaleString()];
    const count = trans.__("%1 of %2", matching, total);
    const slip = isUnmet(head) ? slipIn(this.search.text, this.choices) : "";
    const more = head.left_out > 0 ? trans.__("%1 projects are left out", head.left_out) : "";
    const words = [count, slip || how[head.meaning], more].filter((word) => word !== "");
    this.search.say(words.join(" · "));
  }

  private drawNothing(): void {
    const { head } = this.page;
    const kind = !this.heard ? "waiting" : (head?.total ?? 0) > 0 ? "no match" : "empty";
    if (this.nothing.dataset.kind === kind) return;
    this.nothing.dataset.kind = kind;
    if (kind === "waiting") {
      this.nothing.replaceChildren(h("p", {}, trans.__("Looking for runs …")));
    }
    if (kind === "no match") this.nothing.replaceChildren(...this.noMatch());
    if (kind === "empty") this.nothing.replaceChildren(...emptyState());
  }

  private noMatch(): Node[] {
    const clear = h("button", { class: "nbt-lab-link", type: "button" }, trans.__("Show all runs"));
    clear.addEventListener("click", () => this.clear());
    return [h("p", {}, trans.__("No run meets the search and all filters.")), clear];
  }

  private tick(): void {
    this.list.tick(Date.now() / 1000);
    this.drawAttention();
  }

  private well(): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    this.trouble.hidden = true;
  }

  private lost(): void {
    if (this.patience !== undefined) return;
    this.patience = setTimeout(() => {
      this.options.explain().then((words) => {
        if (this.patience !== undefined) this.say(words);
        this.patience = undefined;
      });
    }, PATIENCE_MS);
  }

  private say(words: string): void {
    this.trouble.hidden = false;
    setText(this.trouble, words);
  }
}

/** What a newcomer sees: what this is, and the three lines that fill it. */
function emptyState(): Node[] {
  const code = h("pre", { class: "nbt-lab-example" }, EXAMPLE);
  const copy = h("button", { class: "nbt-lab-link", type: "button" }, trans.__("Copy"));
  copy.addEventListener("click", () => {
    // Without a safe origin browsers offer no clipboard.
    void navigator.clipboard?.writeText(EXAMPLE).then(() => setText(copy, trans.__("Copied")));
  });
  const words = trans.__("Type this in a notebook, and the run appears here while it goes on:");
  return [
    h("p", { class: "nbt-lab-lead" }, trans.__("No runs yet")),
    h("p", {}, words),
    code,
    copy,
  ];
}
