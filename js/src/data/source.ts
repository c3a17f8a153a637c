/**
 * Where a view's messages come from: a kernel's comm, the server's socket, or a saved
 * notebook. A view asks and listens here and does not know which of them it is.
 */
import {
  type Append,
  asMessage,
  type Comparison,
  type Failure,
  FormatError,
  type Intent,
  type Message,
  NO_BYTES,
  type Reply,
  type RunPage,
  type Snapshot,
} from "../protocol";

/** An intent as a view writes it: the source gives it its id. */
export type Ask = WithoutId<Intent>;

type WithoutId<One> = One extends Intent ? Omit<One, "id"> : never;

/** What was answered, and the bytes that came with it. */
export interface Answer {
  readonly reply: Reply;
  readonly bytes: DataView;
}

/** What comes without being an answer. */
export type News = Snapshot | Append | RunPage | Comparison;

export interface Handlers {
  /** The line stands, for the first time or again: whoever listens says hello. */
  connected(): void;
  /** The line is down; after the next `connected` messages come again. */
  lost(): void;
  message(news: News, bytes: DataView): void;
}

export interface Source {
  /** False where nothing can come after the first snapshot. */
  readonly live: boolean;
  /** Whether windows are answered although nothing can come. */
  readonly hasWindows?: boolean;
  /** Whether it answers questions all the same. */
  readonly answers?: boolean;
  /** Whether that goes for one axis only. */
  readonly hasOneAxis?: boolean;
  /** Start listening. Returns the function that ends it and frees everything. */
  open(handlers: Handlers): () => void;
  /** Ask for something. Rejects with a `RequestError` that says why in plain text. */
  send(ask: Ask): Promise<Answer>;
}

/** Why an intent was not met; `kind` is the name of the error on the other side. */
export class RequestError extends Error {
  override readonly name = "RequestError";

  constructor(
    readonly kind: string,
    message: string,
  ) {
    super(message);
  }
}

/** Tells such an error, also of another bundle on the page: each has a class of its own. */
export function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && error.name === "RequestError";
}

/** Ids that are unique among all views of a page, and among pages of one kernel. */
export function newId(): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return Array.from(random, (word) => word.toString(36).padStart(7, "0")).join("");
}

interface Open {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: RequestError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The questions that wait for their answers. */
export class Pending {
  private readonly open = new Map<string, Open>();

  /** Gives `ask` an id, hands it to `post`, and waits. */
  ask(ask: Ask, timeoutS: number, post: (intent: Intent) => void): Promise<Answer> {
    const id = newId();
    return new Promise((resolve, reject) => {
      const late = () => this.fail(id, "Timeout", `no answer within ${timeoutS} s`);
      this.open.set(id, { resolve, reject, timer: setTimeout(late, timeoutS * 1000) });
      try {
        post({ ...ask, id } as Intent);
      } catch (error) {
        this.fail(id, "NotSent", String(error));
      }
    });
  }

  /** Meets the question that a reply or failure belongs to; false when it is not ours. */
  settle(answer: Reply | Failure, bytes: DataView): boolean {
    if (!this.open.has(answer.id)) return false;
    if (answer.op === "error") this.fail(answer.id, answer.kind, answer.message);
    else this.take(answer.id)?.resolve({ reply: answer, bytes });
    return true;
  }

  /** Rejects everything that waits. */
  failAll(kind: string, message: string): void {
    for (const id of [...this.open.keys()]) this.fail(id, kind, message);
  }

  private fail(id: string, kind: string, message: string): void {
    this.take(id)?.reject(new RequestError(kind, message));
  }

  private take(id: string): Open | undefined {
    const open = this.open.get(id);
    if (open) clearTimeout(open.timer);
    this.open.delete(id);
    return open;
  }
}

/** Sorts what came in: answers to `pending`, everything else to `handlers`. */
export function receive(
  head: unknown,
  bytes: DataView | undefined,
  pending: Pending,
  handlers: Handlers,
): void {
  let message: Message;
  try {
    message = asMessage(head);
  } catch (error) {
    // One message that cannot be read must not end the listening to the next ones.
    console.warn("nbtrack:", error instanceof FormatError ? error.message : error);
    return;
  }
  if (message.op === "reply" || message.op === "error") pending.settle(message, bytes ?? NO_BYTES);
  else handlers.message(message, bytes ?? NO_BYTES);
}
