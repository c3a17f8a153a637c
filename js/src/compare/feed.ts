/** Keeps the runs of a comparison up to date from a source. */
import { type Answer, type Ask, type Connection, Lifeline, type Source } from "../data";
import type { Comparison } from "../protocol";
import { CompareStore } from "./store";

export interface CompareEvents {
  /** Runs are new or have changed; `full`: everything was told anew. */
  told(uids: readonly string[], full: boolean, bytes: DataView): void;
  turned(): void;
}

type WithoutUid<One> = One extends Ask ? Omit<One, "uid"> : never;

export class CompareFeed {
  readonly store = new CompareStore();
  private readonly line: Lifeline;

  constructor(
    readonly uid: string,
    source: Source,
    private readonly events: CompareEvents,
  ) {
    this.line = new Lifeline(uid, source, {
      message: (news, bytes) => {
        if (news.op === "comparison" && news.uid === uid) this.hear(news, bytes);
      },
      turned: () => this.events.turned(),
      known: () => this.store.head?.sequence,
    });
  }

  get connection(): Connection {
    return this.line.connection;
  }

  get canAsk(): boolean {
    return this.line.canAsk;
  }

  get hasAxes(): boolean {
    return this.line.hasAxes;
  }

  open(): () => void {
    return this.line.open();
  }

  watch(watched: boolean): void {
    this.line.watch(watched);
  }

  /** Asks something. Rejects with a `RequestError` that says why in plain text. */
  ask(ask: WithoutUid<Extract<Ask, { op: "draw" }>>): Promise<Answer> {
    return this.line.ask({ ...ask, uid: this.uid });
  }

  private hear(news: Comparison, bytes: DataView): void {
    const { head } = this.store;
    this.line.alive();
    // Another view of the same model said hello: all that is known already.
    const known = head !== null && news.full && news.sequence === head.sequence;
    if (known && !this.line.waiting) return;
    if (!news.full && (head === null || news.sequence !== head.sequence + 1)) {
      if (head === null || news.sequence > head.sequence) this.line.hello();
      return;
    }
    this.line.waiting = false;
    this.events.told(this.store.load(news), news.full, bytes);
  }
}
