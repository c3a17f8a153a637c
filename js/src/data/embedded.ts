/** A run as a notebook or a report keeps it: one snapshot, nothing after it. */
import { asMessage, FormatError, fromBase64, NO_BYTES, type Snapshot, toBytes } from "../protocol";
import { Kept } from "./kept";
import { lineTest } from "./linetest";
import { MOST_POINTS } from "./series";
import { serverDoor } from "./server";
import { type Answer, type Ask, type Handlers, RequestError, type Source } from "./source";

const STORED: ReadonlySet<string> = new Set(["files", "file", "cells"]);

export class EmbeddedSource implements Source {
  readonly live = false;
  private kept: Kept | null = null;

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
    return EmbeddedSource.of(snapshot, fromBase64(typeof buffer === "string" ? buffer : ""));
  }

  /**
   * The same with a buffer that was kept apart.
   *
   * @throws FormatError with words for the reader.
   */
  static of(snapshot: unknown, bytes: DataView): EmbeddedSource {
    const message = asMessage(snapshot);
    if (message.op !== "snapshot") throw new FormatError("a saved panel holds no snapshot");
    return new EmbeddedSource(message, bytes);
  }

  /** Only where more is kept than a view holds at once does a closer look show more. */
  get hasWindows(): boolean {
    return this.snapshot.series.some(({ points }) => points > MOST_POINTS);
  }

  open(handlers: Handlers): () => void {
    handlers.message(this.snapshot, this.bytes);
    return () => {};
  }

  /**
   * Answers from what was kept: parts of series, the last lines of the console. Files and cells are in the
   * store alone, which the server may know where JupyterLab's extension is.
   */
  async send(ask: Ask): Promise<Answer> {
    if (ask.op === "window") {
      this.kept ??= new Kept(this.snapshot, this.bytes);
      return this.kept.window(ask);
    }
    const { lines } = this.snapshot;
    if (ask.op === "lines") {
      const wanted = ask.spans.flatMap(([first = 0, count = 0]) =>
        lines.filter(({ number }) => number >= first && number < first + count),
      );
      return { reply: { op: "reply", id: "", lines: wanted }, bytes: NO_BYTES };
    }
    if (ask.op === "find") {
      const found = lines.filter(lineTest(ask)).map((line) => line.number);
      return { reply: { op: "reply", id: "", total: found.length }, bytes: toBytes(found) };
    }
    const door = STORED.has(ask.op) ? serverDoor() : undefined;
    const answer = await door?.send(ask).catch((error) => {
      if (error instanceof RequestError && error.kind === "UsageError") throw error;
    });
    if (answer) return answer;
    throw new RequestError(
      "Saved",
      "This is a saved panel, and nobody is there to answer. Open the run from nbtrack's " +
        "sidebar in JupyterLab, or run the cell again.",
    );
  }
}
