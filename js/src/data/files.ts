/** The bytes of a run's file, fetched in pieces. */
import type { RunFeed } from "./feed";

/** As many as one question may ask for. */
const PIECE = 1 << 20;

export interface FileBytes {
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  /** Bytes of the whole file. */
  readonly size: number;
}

/**
 * Fetches a file.
 *
 * @param most bytes at most; what follows is left out.
 * @param progress told the share that is here, and says whether to go on.
 * @throws RequestError with words for people.
 */
export async function readFile(
  feed: RunFeed,
  name: string,
  most = Number.POSITIVE_INFINITY,
  progress: (share: number) => boolean = () => true,
): Promise<FileBytes | null> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let [offset, size] = [0, 1];
  while (offset < Math.min(size, most)) {
    const length = Math.min(PIECE, most - offset);
    const { reply, bytes } = await feed.ask({ op: "file", uid: feed.uid, name, offset, length });
    const part = new Uint8Array(bytes.byteLength);
    part.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    size = reply.total ?? offset + part.length;
    if (part.length === 0) break;
    parts.push(part);
    offset += part.length;
    if (!progress(offset / Math.max(size, 1))) return null;
  }
  return { parts, size };
}

/** The bytes as text; what is no UTF-8 shows as such. */
export function textOf({ parts }: FileBytes): string {
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
}
