/**
 * The page's own line to the list of runs, for what is on the screen all the time: each asks
 * for the few runs that it needs, and all share one socket, open while somebody asks.
 */
import { RequestError, type Source } from "../data";
import { GOING_ON } from "../data/states";
import type { Browse, RunPage, RunRow } from "../protocol";
import { keyOf } from "./table/selection";
import { trans } from "./translation";

const PATIENCE_MS = 10_000;
const SILENCE = () => trans.__("The Jupyter server does not answer.");

/** Which runs are wanted: a `Browse` without its name. */
export type Question = Omit<Browse, "op" | "id" | "view">;

/** Takes the runs in their order; `first` when nothing before it counts any more. */
export type Listener = (runs: readonly RunRow[], first: boolean) => void;

interface View {
  question: Question;
  readonly listener: Listener;
  /** Takes why the question is not answered. */
  readonly refused: (error: Error) => void;
  readonly rows: Map<string, RunRow>;
}

/** The runs that go on, for all who show something of them. */
const OPEN: Question = {
  only: { state: GOING_ON },
  limit: 200,
  columns: ["alerts", "alert"],
};

type OpenListener = (runs: readonly RunRow[]) => void;

export class RunsLine {
  private readonly views = new Map<string, View>();
  private readonly source: Source;
  private close: (() => void) | null = null;
  private stands = false;
  private readonly openListeners = new Set<OpenListener>();
  private openRuns: readonly RunRow[] | null = null;

  constructor(newSource: () => Source) {
    this.source = newSource();
  }

  /** Asks for runs and from now on for what changes in them, in place of what `view` asked before. */
  ask(view: string, question: Question, listener: Listener): void {
    this.views.set(view, { question, listener, refused: warn, rows: new Map() });
    this.begin(view);
  }

  /**
   * Asks once.
   *
   * @throws RequestError in words, if the question is not understood or nobody answers.
   */
  once(view: string, question: Question): Promise<readonly RunRow[]> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(late);
        this.leave(view);
      };
      const refused = (error: Error) => {
        end();
        reject(error);
      };
      const listener = (runs: readonly RunRow[]) => {
        end();
        resolve(runs);
      };
      const late = setTimeout(() => refused(new RequestError("Timeout", SILENCE())), PATIENCE_MS);
      this.views.set(view, { question, listener, refused, rows: new Map() });
      this.begin(view);
    });
  }

  /** Tells of the runs that go on, now and whenever they change, until the function returned is called. */
  followOpen(listener: OpenListener): () => void {
    this.openListeners.add(listener);
    if (this.openRuns) listener(this.openRuns);
    else if (this.openListeners.size === 1) this.ask("open", OPEN, (runs) => this.tellOpen(runs));
    return () => {
      if (!this.openListeners.delete(listener) || this.openListeners.size > 0) return;
      this.leave("open");
      this.openRuns = null;
    };
  }

  private tellOpen(runs: readonly RunRow[]): void {
    this.openRuns = runs;
    for (const listener of this.openListeners) listener(runs);
  }

  /** Asks no more. */
  leave(view: string): void {
    if (!this.views.delete(view)) return;
    if (this.views.size === 0) this.shut();
    else if (this.stands) this.send(view, { limit: 0 });
  }

  private begin(view: string): void {
    if (!this.close) this.open();
    else if (this.stands) this.say(view);
  }

  private open(): void {
    this.close = this.source.open({
      connected: () => {
        this.stands = true;
        for (const view of this.views.keys()) this.say(view);
      },
      lost: () => {
        this.stands = false;
      },
      message: (news) => {
        if (news.op === "page") this.take(news);
      },
    });
  }

  private shut(): void {
    this.close?.();
    this.close = null;
    this.stands = false;
  }

  private say(view: string): void {
    const asked = this.views.get(view);
    if (asked) this.send(view, asked.question, asked.refused);
  }

  /** What cannot be answered now is asked again when the line stands again. */
  private send(view: string, question: Question, refused = warn): void {
    this.source.send({ op: "browse", view, ...question }).catch(refused);
  }

  private take(page: RunPage): void {
    const view = this.views.get(page.view);
    if (!view) return;
    const { rows, listener } = view;
    if (page.full) rows.clear();
    for (const run of page.runs) rows.set(keyOf(run), run);
    const there = page.order.flatMap((key) => rows.get(key) ?? []);
    for (const key of rows.keys()) if (!page.order.includes(key)) rows.delete(key);
    listener(there, page.full);
  }
}

function warn(error: Error): void {
  console.warn("nbtrack:", error.message);
}
