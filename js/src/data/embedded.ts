/** A run as a notebook or a report keeps it: one snapshot, nothing after it. */
import { asMessage, FormatError, fromBase64, type Snapshot } from "../protocol";
import { type Answer, type Ask, type Handlers, RequestError, type Source } from "./source";

export class EmbeddedSource implements Source {
  readonly live = false;

  constructor(
    readonly snapshot: Snapshot,
    private readonly bytes: DataView,
  ) {}

  /**
   * Reads the JSON of our MIME type.
   *
   * @throws FormatError with words for the reader of the notebook.
   */
  static fromBundle(bundle: unknown): EmbeddedSource {
    const { snapshot, buffer } = (bundle ?? {}) as { snapshot?: unknown; buffer?: unknown };
    const message = asMessage(snapshot);
    if (message.op !== "snapshot") throw new FormatError("a saved panel holds no snapshot");
    return new EmbeddedSource(message, fromBase64(typeof buffer === "string" ? buffer : ""));
  }

  open(handlers: Handlers): () => void {
    handlers.message(this.snapshot, this.bytes);
    return () => {};
  }

  send(ask: Ask): Promise<Answer> {
    return Promise.reject(
      new RequestError("Saved", `this is a saved panel: nobody is there to answer "${ask.op}"`),
    );
  }
}
