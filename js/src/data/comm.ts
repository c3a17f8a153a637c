/** A run seen through its kernel: the model of an anywidget. */
import { serverDoor } from "./server";
import {
  type Answer,
  type Ask,
  type Handlers,
  isRequestError,
  Pending,
  receive,
  type Source,
} from "./source";

/** The part of anywidget's model that is used here. */
export interface WidgetModel {
  get(name: string): unknown;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  send(content: unknown): void;
}

/** A busy kernel without subshells answers when its cell has ended, which may be never. */
const ANSWER_S = 20;
/** What concerns the panel that the kernel keeps; the server answers everything else sooner. */
const SAID_TO_THE_KERNEL: ReadonlySet<string> = new Set(["hello", "lease", "bye", "draw"]);
/** What the kernel would answer as the server did, when that says what is wrong. */
const READS: ReadonlySet<string> = new Set(["lines", "find", "files", "file", "cells"]);
const FINAL: ReadonlySet<string> = new Set(["UsageError", "LimitError"]);
/** Heard perhaps: said once more, it would interrupt what the code does about the first Stop. */
const ONCE_ONLY: ReadonlySet<string> = new Set([...FINAL, "Timeout"]);

export class CommSource implements Source {
  readonly live = true;
  private readonly pending = new Pending();

  constructor(private readonly model: WidgetModel) {}

  open(handlers: Handlers): () => void {
    const heard = (head: unknown, buffers?: readonly DataView[]) =>
      receive(head, buffers?.[0], this.pending, handlers);
    const stored = () => this.stored(handlers);
    // The page noticed that the kernel has ended; whatever it still says proves the contrary.
    const gone = () => handlers.lost();
    this.model.on("msg:custom", heard);
    this.model.on("change:_snap", stored);
    this.model.on("comm_live_update", gone);
    this.model.on("comm:close", gone);
    stored();
    handlers.connected();
    return () => {
      this.model.off("msg:custom", heard);
      this.model.off("change:_snap", stored);
      this.model.off("comm_live_update", gone);
      this.model.off("comm:close", gone);
      this.pending.failAll("Closed", "the view was closed");
    };
  }

  async send(ask: Ask): Promise<Answer> {
    const door = SAID_TO_THE_KERNEL.has(ask.op) ? undefined : serverDoor();
    if (!door) return this.tell(ask);
    return door.send(ask).catch((error) => {
      if (isRequestError(error) && isLastWord(ask, error)) throw error;
      return this.tell(ask);
    });
  }

  private tell(ask: Ask): Promise<Answer> {
    return this.pending.ask(ask, ANSWER_S, (intent) => this.model.send(intent));
  }

  /** The snapshot that came with the model's state is painted before the first answer. */
  private stored(handlers: Handlers): void {
    const stored = this.model.get("_snap") as { head?: unknown; buf?: DataView } | null | undefined;
    if (stored?.head) receive(stored.head, stored.buf, this.pending, handlers);
  }
}

/** Whether the kernel need not be asked as well. */
function isLastWord(ask: Ask, { kind }: { readonly kind: string }): boolean {
  if (ask.op === "stop") return ONCE_ONLY.has(kind);
  return READS.has(ask.op) && FINAL.has(kind);
}
