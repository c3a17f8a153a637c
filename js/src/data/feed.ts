/**
 * Keeps one run's store up to date from a source: says hello, renews the lease while
 * somebody looks, asks for a snapshot again when a message was missed.
 */
import { type Append, decodeSeries, type Edit, FormatError, type Snapshot } from "../protocol";
import { type Change, RunStore } from "./run";
import { type Answer, type Ask, type News, newId, type Source } from "./source";
import type { Stretch } from "./windows";

/** How far what is shown can be trusted to be the present. */
export type Connection = "connecting" | "live" | "lost" | "saved";

/** The kernel stops sending 30 s after the last lease. */
const LEASE_S = 10;
const LEASE_ENDS_S = 25;
/** Silence for as long, while leases go out, means that nobody is there. */
const SILENCE_S = 35;
const HELLO_AGAIN_S = 2;

type Listener = (change: Change) => void;

const NOTHING: Change = { keys: false, run: false, values: false, lines: false };

export class RunFeed {
  readonly store = new RunStore();
  connection: Connection = "connecting";
  private readonly view = newId();
  private close: () => void = () => {};
  private watched = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private saidHelloAt = Number.NEGATIVE_INFINITY;
  private leasedAt = Number.NEGATIVE_INFINITY;
  private heardAt = 0;
  private waiting = false;

  constructor(
    readonly uid: string,
    private source: Source,
    private readonly changed: Listener,
  ) {}

  /** Starts listening. Returns the function that says bye and frees everything. */
  open(): () => void {
    this.listen();
    this.timer = setInterval(() => this.lease(), LEASE_S * 1000);
    return () => {
      clearInterval(this.timer);
      this.tell({ op: "bye", view: this.view, uid: this.uid });
      this.close();
      this.close = () => {};
    };
  }

  /** Goes on with another source; what is known stays until its snapshot comes. */
  use(source: Source): void {
    this.close();
    this.source = source;
    this.listen();
  }

  /** Tells whether somebody can see the view: only then is the lease renewed. */
  watch(watched: boolean): void {
    this.watched = watched;
    if (watched && this.source.live && seconds() - this.leasedAt > LEASE_ENDS_S) this.hello();
  }

  /** Whether somebody is there who could answer. */
  get canAsk(): boolean {
    return this.source.live;
  }

  /** Asks about the run. Rejects with a `RequestError` that says why in plain text. */
  ask(ask: Ask): Promise<Answer> {
    return this.source.send(ask);
  }

  /** Changes what describes the run; it is shown when it is stored. */
  async edit(changes: Pick<Edit, "name" | "notes" | "tags">): Promise<void> {
    const { reply } = await this.ask({ op: "edit", uid: this.uid, ...changes });
    if (!reply.run) return;
    this.store.take(reply.run);
    this.changed({ ...NOTHING, run: true });
  }

  stop(): Promise<Answer> {
    return this.source.send({ op: "stop", uid: this.uid });
  }

  /** Whether somebody may answer. */
  get isLive(): boolean {
    return this.source.live;
  }

  /**
   * Fetches the exact extrema of `keys` within a span into the store's windows.
   *
   * @throws RequestError when nobody could answer: the store's own points must do.
   */
  async window(keys: readonly string[], span: Stretch, points: number): Promise<void> {
    const { reply, bytes } = await this.source.send(windowAsk(this.uid, keys, span, points));
    const series = decodeSeries(reply.series ?? [], bytes, 8, span.axis === "metric");
    for (const one of series) this.store.windows.load(span, one);
  }

  private listen(): void {
    this.become(this.source.live ? "connecting" : "saved");
    this.heardAt = seconds();
    this.close = this.source.open({
      connected: () => {
        // One that was said before the line stood was heard by nobody.
        this.saidHelloAt = Number.NEGATIVE_INFINITY;
        this.hello();
      },
      lost: () => this.become("lost"),
      message: (news, bytes) => this.hear(news, bytes),
    });
  }

  private hear(news: News, bytes: DataView): void {
    if (news.op === "runs") return;
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
    const known = !this.waiting && head.sequence === this.store.sequence;
    this.alive();
    if (known) return null;
    this.waiting = false;
    return this.store.load(head, bytes);
  }

  private append(head: Append, bytes: DataView): Change | null {
    if (head.uid !== this.uid) return null;
    this.alive();
    if (head.sequence <= this.store.sequence) return null;
    const change = this.store.append(head, bytes);
    if (!change) this.hello();
    return change;
  }

  private hello(): void {
    if (!this.source.live || seconds() - this.saidHelloAt < HELLO_AGAIN_S) return;
    this.saidHelloAt = seconds();
    this.leasedAt = seconds();
    this.waiting = true;
    this.tell({ op: "hello", view: this.view, uid: this.uid });
  }

  private lease(): void {
    if (!this.watched || !this.source.live) return;
    const silent = seconds() - this.heardAt > SILENCE_S;
    if (silent && this.connection !== "lost") this.become("lost");
    if (silent || this.waiting) this.hello();
    this.leasedAt = seconds();
    this.tell({ op: "lease", view: this.view, uid: this.uid });
  }

  /** Sends what needs no more than to have arrived. */
  private tell(ask: Ask): void {
    if (!this.source.live) return;
    this.source.send(ask).then(
      () => this.alive(),
      () => {},
    );
  }

  private alive(): void {
    this.heardAt = seconds();
    if (this.source.live) this.become("live");
  }

  private become(connection: Connection): void {
    if (this.connection === connection) return;
    this.connection = connection;
    this.changed({ ...NOTHING, run: true });
  }
}

function windowAsk(uid: string, keys: readonly string[], span: Stretch, points: number): Ask {
  const { axis, metric, low, high } = span;
  const ask = { op: "window", uid, keys, low, high, points } as const;
  if (axis === "step") return ask;
  return axis === "time" ? { ...ask, axis } : { ...ask, axis, metric };
}

function seconds(): number {
  return performance.now() / 1000;
}
