/**
 * The rows of the table: asked for a window at a time, kept while they may be scrolled back
 * to. The browser never has all runs.
 */
import { type Answer, type Ask, newId, type Source } from "../../data/source";
import type { Edit, RunGroup, RunPage, RunRow } from "../../protocol";
import type { GroupOrder } from "../groups";
import { keyOf, type RunKey } from "./selection";

/** What decides which runs there are, how they are put in order, and what is told of them. */
export interface Question {
  readonly search: string;
  readonly order: readonly string[];
  readonly group: string;
  readonly groups: GroupOrder;
  readonly opened: ReadonlySet<string>;
  readonly columns: readonly string[];
}

export interface FeedEvents {
  /** Something of the rows, the counts or the groups is another one. */
  changed(): void;
  /** The question could not be understood: why, "" when it was. */
  refused(why: string): void;
  connected(): void;
  lost(): void;
}

/** So many rows are asked for: several screens, so that a turn of the wheel finds them there. */
const WINDOW = 240;
/** The window is moved when fewer rows than this are left before its end. */
const MARGIN = 60;
/** Rows that are kept for scrolling back: about 5 MB. */
const MOST_KEPT = 6_000;
/** Keys that are asked for at a time: 300 kB. */
const MOST_KEYS = 5_000;

export class RunsFeed {
  /** Counts of the last page; null before the first. */
  page: RunPage | null = null;
  private readonly view = newId();
  private readonly order = new Map<number, RunKey>();
  private readonly rows = new Map<RunKey, RunRow>();
  private question: Question | null = null;
  /** The last one that the server understood: its list stays while another is refused. */
  private understood: Question | null = null;
  private refused: Question | null = null;
  private offset = 0;
  private asked = "";
  private busy = false;
  private waiting = false;
  private close: () => void = () => {};
  private isConnected = false;
  /** Positions are of another question: they are forgotten when its first page comes. */
  private isStale = false;

  constructor(
    private readonly source: Source,
    private readonly events: FeedEvents,
  ) {}

  open(): () => void {
    this.close = this.source.open({
      connected: () => {
        this.isConnected = true;
        this.asked = "";
        this.events.connected();
        void this.browse();
      },
      lost: () => {
        this.isConnected = false;
        this.events.lost();
      },
      message: (news) => {
        if (news.op === "page" && news.view === this.view) this.take(news);
      },
    });
    return () => this.close();
  }

  get groups(): readonly RunGroup[] {
    return this.page?.groups ?? [];
  }

  /** The run at a place among those shown; undefined while it is on its way. */
  at(place: number): RunRow | undefined {
    const key = this.order.get(place);
    return key === undefined ? undefined : this.rows.get(key);
  }

  keyAt(place: number): RunKey | undefined {
    return this.order.get(place);
  }

  run(key: RunKey): RunRow | undefined {
    return this.rows.get(key);
  }

  /** Asks for other runs, or for more of them. */
  ask(question: Question): void {
    const before = this.question;
    this.question = question;
    const isOther = !before || whichOf(before) !== whichOf(question);
    if (isOther) this.offset = 0;
    // Where a group is opened, runs stand elsewhere, but somebody looks at the same ones.
    if (isOther || unfoldedIn(before) !== unfoldedIn(question)) this.isStale = true;
    void this.browse();
  }

  /** Says which places can be seen; those around them are fetched, too. */
  look(low: number, high: number): void {
    const { offset } = this;
    const count = this.page?.matching ?? 0;
    const before = offset === 0 || low - offset >= MARGIN;
    const after = offset + WINDOW >= count || offset + WINDOW - high >= MARGIN;
    if (before && after) return;
    this.offset = Math.max(0, Math.round((low + high - WINDOW) / 2));
    void this.browse();
  }

  send(ask: Ask): Promise<Answer> {
    return this.source.send(ask);
  }

  /** The keys of runs by their places, from `low` to `high`, also of those never seen. */
  async keysBetween(low: number, high: number): Promise<RunKey[]> {
    return this.knownKeys(low, high) ?? this.fetchKeys(low, high, false);
  }

  /** The keys of all runs that match, also of those in groups that are folded. */
  allKeys(count: number): Promise<RunKey[]> {
    return this.fetchKeys(0, count - 1, true);
  }

  /** The keys of the first runs that match. */
  async firstKeys(count: number): Promise<readonly RunKey[]> {
    const most = Math.min(count, this.page?.matching ?? 0);
    const known = this.question?.group === "" ? this.knownKeys(0, most - 1) : null;
    return known ?? this.fetchKeys(0, most - 1, true);
  }

  /** Gives a run another name, other notes or other tags. */
  async edit(run: RunRow, change: Omit<Edit, "op" | "id" | "uid">): Promise<void> {
    await this.send({ op: "edit", uid: run.uid, ...change });
  }

  private knownKeys(low: number, high: number): RunKey[] | null {
    const known: RunKey[] = [];
    for (let place = low; place <= high; place++) {
      const key = this.order.get(place);
      if (key === undefined) return null;
      known.push(key);
    }
    return known;
  }

  private async fetchKeys(low: number, high: number, all: boolean): Promise<RunKey[]> {
    const keys: RunKey[] = [];
    for (let offset = low; offset <= high; offset += MOST_KEYS) {
      const limit = Math.min(high - offset + 1, MOST_KEYS);
      const { reply } = await this.send({ op: "pick", view: this.view, offset, limit, all });
      const some = reply.picked ?? [];
      keys.push(...some);
      if (some.length < limit) break;
    }
    return keys;
  }

  /** Means and bands of groups, by their names. */
  async statistics(groups: readonly string[], columns: readonly string[]) {
    const { reply } = await this.send({ op: "summarize", view: this.view, groups, columns });
    return reply.statistics ?? [];
  }

  private take(page: RunPage): void {
    if (this.isStale && page.full) {
      this.isStale = false;
      this.order.clear();
    }
    this.page = page;
    for (const run of page.runs) this.rows.set(keyOf(run), run);
    for (const [index, key] of page.order.entries()) this.order.set(page.offset + index, key);
    for (const place of this.order.keys()) {
      if (place >= page.matching) this.order.delete(place);
    }
    this.forget();
    this.events.changed();
  }

  private forget(): void {
    if (this.rows.size <= MOST_KEPT) return;
    const kept = new Set<RunKey>();
    for (const [place, key] of this.order) {
      if (Math.abs(place - this.offset) <= MOST_KEPT / 4) kept.add(key);
      else this.order.delete(place);
    }
    for (const key of this.rows.keys()) if (!kept.has(key)) this.rows.delete(key);
  }

  /** One question at a time: what is wanted meanwhile is asked for when it is answered. */
  private async browse(): Promise<void> {
    const isRefused = this.question !== null && this.question === this.refused;
    const question = isRefused ? this.understood : this.question;
    if (!question || !this.isConnected) return;
    if (this.busy) {
      this.waiting = true;
      return;
    }
    const ask = this.asking(question);
    const name = JSON.stringify(ask);
    if (name === this.asked) return;
    this.asked = name;
    this.busy = true;
    try {
      await this.source.send(ask);
      this.understood = question;
      if (question === this.question) this.events.refused("");
    } catch (error) {
      this.asked = "";
      this.refuse(question, error as Error);
    } finally {
      this.busy = false;
    }
    if (!this.waiting) return;
    this.waiting = false;
    void this.browse();
  }

  private refuse(question: Question, { message }: Error): void {
    if (!this.isConnected || question !== this.question) return;
    this.refused = question;
    this.events.refused(message);
  }

  private asking(question: Question): Ask {
    const { search, order, group, groups, opened, columns } = question;
    return {
      op: "browse",
      view: this.view,
      search,
      order: order[0] ?? "-created_at",
      then_by: order.slice(1),
      ...(group === "" ? {} : { group_by: [group], groups, unfolded: [...opened] }),
      offset: this.offset,
      limit: WINDOW,
      columns,
    };
  }
}

function whichOf({ search, order, group, groups }: Question): string {
  return JSON.stringify([search, order, group, groups]);
}

function unfoldedIn({ opened }: Question): string {
  return JSON.stringify([...opened]);
}
