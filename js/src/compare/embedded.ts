/**
 * A comparison as a notebook keeps it: the runs, and the charts as they were looked at first.
 * What else is asked for a server may answer, where there is one that has the runs.
 */
import {
  type Answer,
  type Ask,
  type Handlers,
  RequestError,
  type ServerDoor,
  type Source,
} from "../data";
import { asMessage, type ChartHead, type Comparison, FormatError, fromBase64 } from "../protocol";

export class SavedComparison implements Source {
  readonly live = false;
  hasOneAxis = false;
  private door: ServerDoor | null = null;
  /** One of the runs: by it a server knows where the others are. */
  private known = "";

  constructor(
    readonly comparison: Comparison,
    readonly charts: readonly ChartHead[],
    readonly groups: readonly string[],
    readonly bytes: DataView,
    /** Bytes per number. */
    readonly precision: 4 | 8 = 4,
  ) {}

  /**
   * Reads the JSON of our MIME type.
   *
   * @throws FormatError with words for the reader of the notebook.
   */
  static fromBundle(bundle: unknown): SavedComparison {
    const { buffer } = (bundle ?? {}) as Record<string, unknown>;
    return SavedComparison.of(bundle, fromBase64(typeof buffer === "string" ? buffer : ""));
  }

  /**
   * The same with a buffer that was kept apart.
   *
   * @throws FormatError with words for the reader.
   */
  static of(bundle: unknown, bytes: DataView): SavedComparison {
    const { comparison, drawing, precision } = (bundle ?? {}) as Record<string, unknown>;
    const [runs, drawn] = [asMessage(comparison), asMessage(drawing)];
    if (runs.op !== "comparison" || drawn.op !== "reply")
      throw new FormatError("a saved comparison holds no runs");
    const size = precision === 8 ? 8 : 4;
    return new SavedComparison(runs, drawn.charts ?? [], drawn.groups ?? [], bytes, size);
  }

  get answers(): boolean {
    return this.door !== null;
  }

  /** Has a server answer from now on, which has the run `known`. */
  answerBy(door: ServerDoor, known: string): void {
    this.door = door;
    this.known = known;
  }

  /** Has a page answer, which holds the runs along one axis. */
  answerOnPage(door: ServerDoor): void {
    this.door = door;
    this.hasOneAxis = true;
  }

  open(handlers: Handlers): () => void {
    handlers.message(this.comparison, this.bytes);
    return () => {};
  }

  send(ask: Ask): Promise<Answer> {
    if (ask.op === "draw" && this.door) {
      // A server knows runs, and no comparisons.
      const runs = ask.runs ?? this.comparison.order;
      return this.door.send({ ...ask, uid: this.known, runs });
    }
    const why = "This is a saved comparison, and nobody is there to answer. Run the cell again.";
    return Promise.reject(new RequestError("Saved", why));
  }
}
