/** Runs beside each other through the server, which has to be told which runs. */
import { type Answer, type Ask, type Handlers, RequestError, type Source } from "../data/source";

export class ComparedSource implements Source {
  readonly live = true;
  private handlers: Handlers | null = null;
  private isConnected = false;

  /**
   * @param uid what the view calls the comparison.
   * @param failed takes why the runs cannot be compared, "" when they can.
   */
  constructor(
    private readonly source: Source,
    private readonly uid: string,
    private runs: readonly string[],
    private readonly failed: (why: string) => void = () => {},
  ) {}

  open(handlers: Handlers): () => void {
    this.handlers = handlers;
    const close = this.source.open({
      connected: () => {
        this.isConnected = true;
        void this.say().then((said) => {
          if (said) handlers.connected();
        });
      },
      lost: () => {
        this.isConnected = false;
        handlers.lost();
      },
      message: handlers.message,
    });
    return () => {
      this.handlers = null;
      this.isConnected = false;
      close();
    };
  }

  send(ask: Ask): Promise<Answer> {
    return this.source.send(ask);
  }

  /** Compares other runs from now on; whoever looks is told by the server. */
  turnTo(runs: readonly string[]): void {
    if (runs.join() === this.runs.join()) return;
    const wasNothing = this.runs.length === 0;
    this.runs = runs;
    if (!this.isConnected) return;
    void this.say().then((said) => {
      if (said && wasNothing) this.handlers?.connected();
    });
  }

  private async say(): Promise<boolean> {
    const { uid, runs } = this;
    if (runs.length === 0) return false;
    try {
      await this.source.send({ op: "compare", uid, runs });
      this.failed("");
      return true;
    } catch (error) {
      if (error instanceof RequestError && error.kind === "Closed") return false;
      this.failed((error as Error).message);
      return false;
    }
  }
}
