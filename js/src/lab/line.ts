/**
 * The page's own line to the list of runs, for what is on the screen all the time: each asks
 * for the few runs that it needs, and all share one socket, open while somebody asks.
 */
import type { Source } from "../data";
import type { Browse, RunPage, RunRow } from "../protocol";

/** Which runs are wanted: a `Browse` without its name. */
export type Question = Omit<Browse, "op" | "id" | "view">;

/** Takes the runs in their order; `first` when nothing before it counts any more. */
export type Listener = (runs: readonly RunRow[], first: boolean) => void;

interface View {
  question: Question;
  readonly listener: Listener;
  readonly rows: Map<string, RunRow>;
}

export class RunsLine {
  private readonly views = new Map<string, View>();
  private readonly source: Source;
  private close: (() => void) | null = null;
  private stands = false;

  constructor(newSource: () => Source) {
    this.source = newSource();
  }

  /** Asks for runs and from now on for what changes in them, in place of what `view` asked before. */
  ask(view: string, question: Question, listener: Listener): void {
    this.views.set(view, { question, listener, rows: new Map() });
    if (!this.close) this.open();
    else if (this.stands) this.say(view);
  }

  /** Asks no more. */
  leave(view: string): void {
    if (!this.views.delete(view)) return;
    if (this.views.size === 0) this.shut();
    else if (this.stands) this.send(view, { limit: 0 });
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
    if (asked) this.send(view, asked.question);
  }

  /** What cannot be answered now is asked again when the line stands again. */
  private send(view: string, question: Question): void {
    this.source.send({ op: "browse", view, ...question }).catch((error: Error) => {
      console.warn("nbtrack:", error.message);
    });
  }

  private take(page: RunPage): void {
    const view = this.views.get(page.view);
    if (!view) return;
    const { rows, listener } = view;
    if (page.full) rows.clear();
    for (const run of page.runs) rows.set(`${run.workspace}/${run.uid}`, run);
    const there = page.order.flatMap((key) => rows.get(key) ?? []);
    for (const key of rows.keys()) if (!page.order.includes(key)) rows.delete(key);
    listener(there, page.full);
  }
}
