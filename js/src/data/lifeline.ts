/**
 * The line between a view and whoever sends to it: says hello, renews the lease while
 * somebody looks, notices silence, and says hello again when something was missed.
 */
import { chartHabits } from "./host";
import { type Answer, type Ask, isRequestError, type News, newId, type Source } from "./source";

/** How far what is shown can be trusted to be the present. */
export type Connection = "connecting" | "live" | "lost" | "saved";

export interface LifelineEvents {
  /** Something came that is no answer. */
  message(news: News, bytes: DataView): void;
  /** The connection is another one now. */
  turned(): void;
  /** Number of the newest message: where nothing came after it, nothing need be sent anew. */
  known?(): number | undefined;
}

/** The kernel stops sending 30 s after the last lease. */
const LEASE_S = 10;
const LEASE_ENDS_S = 25;
/** Silence for as long, while leases go out, means that nobody is there. */
const SILENCE_S = 35;
const HELLO_AGAIN_S = 2;
/** Kinds of errors of a question that nobody answered. */
const UNHEARD: ReadonlySet<string> = new Set(["NotConnected", "NotSent", "Timeout", "Closed"]);

export class Lifeline {
  connection: Connection = "connecting";
  /** Why the other side, which is there, does not give the run; "" while it does. */
  refusal = "";
  /** Hello was said, and what answers it has not come. */
  waiting = false;
  private readonly view = newId();
  private close: () => void = () => {};
  private watched = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private saidHelloAt = Number.NEGATIVE_INFINITY;
  private leasedAt = Number.NEGATIVE_INFINITY;
  private heardAt = 0;

  constructor(
    private readonly uid: string,
    private source: Source,
    private readonly events: LifelineEvents,
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

  /** Goes on with another source. */
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
    return this.source.live || this.source.answers === true;
  }

  /** Whether exact parts of series can be asked for. */
  get hasWindows(): boolean {
    return this.source.live || (this.source.hasWindows ?? false);
  }

  /** Whether what lies below charts can be chosen. */
  get hasAxes(): boolean {
    return this.canAsk && !this.source.hasOneAxis;
  }

  /** Asks something. Rejects with a `RequestError` that says why in plain text. */
  ask(ask: Ask): Promise<Answer> {
    return this.source.send(ask);
  }

  /** Asks for everything anew. */
  hello(): void {
    if (!this.source.live || seconds() - this.saidHelloAt < HELLO_AGAIN_S) return;
    this.saidHelloAt = seconds();
    this.leasedAt = seconds();
    this.waiting = true;
    const { points } = chartHabits();
    const known = this.events.known?.();
    const wish = {
      ...(points === null ? {} : { points }),
      ...(known === undefined ? {} : { known }),
    };
    this.tell({ op: "hello", view: this.view, uid: this.uid, ...wish });
  }

  /** Notes a sign of life. */
  alive(): void {
    this.heardAt = seconds();
    this.refusal = "";
    if (this.source.live) this.become("live");
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
      message: (news, bytes) => this.events.message(news, bytes),
    });
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
      ({ reply }) => {
        if (reply.current) this.waiting = false;
        this.alive();
      },
      (error: unknown) => this.refused(error),
    );
  }

  private refused(error: unknown): void {
    if (!isRequestError(error) || UNHEARD.has(error.kind)) return;
    this.refusal = error.message;
    this.connection = "lost";
    this.events.turned();
  }

  private become(connection: Connection): void {
    if (this.connection === connection) return;
    this.connection = connection;
    this.events.turned();
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
