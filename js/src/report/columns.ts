/** Numbers as pages carry them: the other side of the packing is `reports/packing.py`. */
import { joined } from "../data/joined";
import { FormatError } from "../protocol";

/** One run of numbers; see `ColumnHead` in Python. */
export type ColumnHead =
  | { readonly kind: "even"; readonly points: number; readonly first: number; readonly by: number }
  | {
      readonly kind: "whole";
      readonly points: number;
      readonly planes: number;
      readonly divisor: number;
    }
  | { readonly kind: "float"; readonly points: number };

const BYTES = 8;
const HALF = 2 ** 32;

/** Returns the buffer that was packed: little-endian 8-byte floats, bit for bit. */
export function unpackColumns(
  heads: readonly ColumnHead[],
  layout: readonly number[],
  body: Uint8Array,
): DataView {
  let start = 0;
  const columns = heads.map((head) => {
    const end = start + head.points * planesOf(head);
    if (!(end <= body.length)) throw new FormatError("the numbers of this page end too early");
    const part = body.subarray(start, end);
    start = end;
    return column(head, part);
  });
  return joined(layout.map((number) => columns[number] ?? new Float64Array()));
}

function planesOf(head: ColumnHead): number {
  if (head.kind === "even") return 0;
  return head.kind === "whole" ? head.planes : BYTES;
}

function column(head: ColumnHead, body: Uint8Array): Float64Array {
  if (head.kind === "even") {
    return Float64Array.from({ length: head.points }, (_, i) => head.first + head.by * i);
  }
  const words = wordsOf(body, head.points);
  if (head.kind === "float") return new Float64Array(words.buffer);
  return grown(new Uint32Array(words.buffer), head);
}

/** Byte planes, the most significant first, as words of eight bytes. */
function wordsOf(body: Uint8Array, points: number): Uint8Array {
  const words = new Uint8Array(BYTES * points);
  const planes = points > 0 ? body.length / points : 0;
  for (let plane = 0; plane < planes; plane++) {
    const from = plane * points;
    let to = planes - 1 - plane;
    for (let i = 0; i < points; i++, to += BYTES) words[to] = body[from + i] as number;
  }
  return words;
}

function grown(
  words: Uint32Array,
  { points, divisor }: { readonly points: number; readonly divisor: number },
): Float64Array {
  const numbers = new Float64Array(points);
  let sum = 0;
  for (let i = 0; i < points; i++) {
    const told = (words[2 * i] as number) + HALF * (words[2 * i + 1] as number);
    // The sign stands in the lowest bit.
    sum += told % 2 === 0 ? told / 2 : -(told + 1) / 2;
    numbers[i] = sum / divisor;
  }
  return numbers;
}
