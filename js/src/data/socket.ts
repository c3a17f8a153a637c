/** Runs seen through the Jupyter server: one WebSocket, opened again whenever it breaks. */
import type { Intent } from "../protocol";
import { FormatError, splitFrame } from "../protocol";
import {
  type Answer,
  type Ask,
  type Handlers,
  Pending,
  RequestError,
  receive,
  type Source,
} from "./source";

const ANSWER_S = 20;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

export interface SocketOptions {
  /** Address of the socket, with the token where one is needed; asked for at each try. */
  readonly url: () => string;
  /** Id of the workspace among those that the server knows, sent with every intent. */
  readonly workspace?: string;
}

export class SocketSource implements Source {
  readonly live = true;
  private readonly pending = new Pending();
  private socket: WebSocket | null = null;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(private readonly options: SocketOptions) {}

  open(handlers: Handlers): () => void {
    this.closed = false;
    this.connect(handlers);
    return () => {
      this.closed = true;
      clearTimeout(this.timer);
      this.socket?.close();
      this.pending.failAll("Closed", "the view was closed");
    };
  }

  send(ask: Ask): Promise<Answer> {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new RequestError("NotConnected", "the server does not answer"));
    }
    return this.pending.ask(ask, ANSWER_S, (intent) => socket.send(this.text(intent)));
  }

  private text(intent: Intent): string {
    const { workspace } = this.options;
    return JSON.stringify(workspace === undefined ? intent : { ...intent, workspace });
  }

  private connect(handlers: Handlers): void {
    const socket = new WebSocket(this.options.url());
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.retryMs = FIRST_RETRY_MS;
      handlers.connected();
    };
    socket.onmessage = (event) => this.heard(event.data, handlers);
    socket.onclose = () => {
      this.pending.failAll("NotConnected", "the connection to the server broke");
      if (this.closed) return;
      handlers.lost();
      this.timer = setTimeout(() => this.connect(handlers), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    };
    this.socket = socket;
  }

  private heard(data: unknown, handlers: Handlers): void {
    if (!(data instanceof ArrayBuffer)) return;
    try {
      const { head, bytes } = splitFrame(data);
      receive(head, bytes, this.pending, handlers);
    } catch (error) {
      console.warn("nbtrack:", error instanceof FormatError ? error.message : error);
    }
  }
}
