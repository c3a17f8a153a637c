/** The messages that the Python tests read too; see tests/golden/make.py. */
import { readFileSync } from "node:fs";

const FOLDER = new URL("../../tests/golden/", import.meta.url);

/** Numbers as the files write them: what is not finite is text. */
type Said = readonly (number | string)[];

export interface Case {
  readonly head: unknown;
  readonly series?: readonly { steps: Said; times: Said; values: Said }[];
  readonly blocks?: readonly { steps: Said; times: Said; columns: readonly Said[] }[];
}

export function golden(name: string): { read: Case; bytes: DataView } {
  const read = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as Case;
  const file = readFileSync(new URL(`${name}.bin`, FOLDER));
  // At an odd place in its buffer, as frames of a socket and of a comm may be.
  const buffer = new ArrayBuffer(file.length + 3);
  new Uint8Array(buffer, 3).set(file);
  return { read, bytes: new DataView(buffer, 3) };
}

export function numbers(said: Said): number[] {
  return said.map(Number);
}
