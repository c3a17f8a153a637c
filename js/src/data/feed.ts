/**
 * Keeps one run's store up to date from a source, and asks for a snapshot again when a
 * message was missed.
 */
import { type Append, decodeSeries, type Edit, FormatError, type Snapshot } from "../protocol";
import { type Connection, Lifeline } from "./lifeline";
import { type Change, RunStore } from "./run";
import type { Answer, Ask, News, Source } from "./source";
import type { Stretch } from "./windows";

type Listener = (change: Change) => void;

const NOTHING: Change = { keys: false, run: false, values: false, lines: false };

export class RunFeed {
  readonly store = new RunStore();
  private readonly line: Lifeline;
  private turns = 0;

  constructor(
    readonly uid: string,
    source: Source,
    private readonly changed: Listener,
  ) {
    this.line = new Lifeline(uid, source, {
      message: (news, bytes) => this.hear(news, bytes),
      turned: () => this.changed({ ...NOTHING, run: true }),
    });
  }

  get connection(): Connection {
    return this.line.connection;
  }

  /** Why the run is not given; "" while it is. */
  get refusal(): string {
    return this.line.refusal;
  }

  /** Starts listening. Returns the function that says bye and frees everything. */
  open(): () => void {
    return this.line.open();
  }

  /** Goes on with another source; what is known stays until its snapshot comes. */
  use(source: Source): void {
    this.line.use(source);
  }

  /** Tells whether somebody can see the view: only then is the lease renewed. */
  watch(watched: boolean): void {
    this.line.watch(watched);
  }

  /** Whether somebody is there who could answer. */
  get canAsk(): boolean {
    return this.line.canAsk;
  }

  /** Asks about the run. Rejects with a `RequestError` that says why in plain text. */
  ask(ask: Ask): Promise<Answer> {
    return this.line.ask(ask);
  }

  /** Changes what describes the run; it is shown when it is stored. */
  async edit(changes: Pick<Edit, "name" | "notes" | "tags">): Promise<void> {
    const { reply } = await this.ask({ op: "edit", uid: this.uid, ...changes });
    if (!reply.run) return;
    this.store.take(reply.run);
    this.changed({ ...NOTHING, run: true });
  }

  /** Asks the run to stop, or to finish where nothing goes on in it. */
  end(op: "stop" | "finish"): Promise<Answer> {
    return this.line.ask({ op, uid: this.uid });
  }

  /** Whether exact parts of series can be asked for. */
  get hasWindows(): boolean {
    return this.line.hasWindows;
  }

  /**
   * Fetches the exact extrema of `keys` within a span into the store's windows.
   *
   * @throws RequestError when nobody could answer: the store's own points must do.
   */
  async window(keys: readonly string[], span: Stretch, points: number): Promise<void> {
    const turn = ++this.turns;
    const { reply, bytes } = await this.line.ask(windowAsk(this.uid, keys, span, points));
    const series = decodeSeries(reply.series ?? [], bytes, 8, span.axis === "metric");
    for (const one of series) this.store.windows.load(span, one, turn);
  }

  private hear(news: News, bytes: DataView): void {
    if (news.op !== "snapshot" && news.op !== "append") return;
    try {
      const change = news.op === "snapshot" ? this.snapshot(news, bytes) : this.append(news, bytes);
      if (change) this.changed(change);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      console.warn("nbtrack:", error.message);
    }
  }

  private snapshot(head: Snapshot, bytes: DataView): Change | null {
    if (head.run.uid !== this.uid) return null;
    // Another view of the same model said hello: we have all that already.
    const known = !this.line.waiting && head.sequence === this.store.sequence;
    this.line.alive();
    if (known) return null;
    this.line.waiting = false;
    return this.store.load(head, bytes);
  }

  private append(head: Append, bytes: DataView): Change | null {
    if (head.uid !== this.uid) return null;
    this.line.alive();
    if (head.sequence <= this.store.sequence) return null;
    const change = this.store.append(head, bytes);
    if (!change) this.line.hello();
    return change;
  }
}

function windowAsk(uid: string, keys: readonly string[], span: Stretch, points: number): Ask {
  const { axis, metric, low, high } = span;
  const ask = { op: "window", uid, keys, low, high, points } as const;
  if (axis === "step") return ask;
  return axis === "time" ? { ...ask, axis } : { ...ask, axis, metric };
}
