/**
 * From bytes to numbers: the buffers that travel with messages, and the frames of the
 * server's socket. Nothing here trusts a length that it has not compared with the bytes.
 */
import type { BlockHead, ChartHead, SeriesHead } from "./messages";

/** A message that does not fit its own description. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

/** One series as it came: three arrays of `head.points` numbers each. */
export interface DecodedSeries {
  readonly head: SeriesHead;
  readonly steps: Float64Array;
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Values of the metric along which a window was asked for; null along steps and times. */
  readonly xs: Float64Array | null;
}

/** Appended rows as they came: `columns[i]` are the values of `head.keys[i]`. */
export interface DecodedBlock {
  readonly head: BlockHead;
  readonly steps: Float64Array;
  readonly times: Float64Array;
  readonly columns: readonly Float64Array[];
}

export const NO_BYTES = new DataView(new ArrayBuffer(0));

/** Reads runs of little-endian floats, one after the other. */
class Reader {
  private offset = 0;

  constructor(
    private readonly bytes: DataView,
    private readonly precision: 4 | 8,
  ) {}

  take(count: number): Float64Array {
    const length = count * this.precision;
    if (!Number.isInteger(count) || count < 0 || this.offset + length > this.bytes.byteLength) {
      throw new FormatError(
        `a message announces ${count} numbers at byte ${this.offset} of ${this.bytes.byteLength}`,
      );
    }
    const start = this.bytes.byteOffset + this.offset;
    this.offset += length;
    // Copied, because a view on a socket frame or a comm buffer need not be aligned.
    const copy = this.bytes.buffer.slice(start, start + length);
    return this.precision === 8
      ? new Float64Array(copy)
      : Float64Array.from(new Float32Array(copy));
  }
}

/**
 * Reads the series of a snapshot or of a reply to a window.
 *
 * @param alongMetric whether each series has the values of the metric below it, too.
 */
export function decodeSeries(
  heads: readonly SeriesHead[],
  bytes: DataView,
  precision: 4 | 8 = 8,
  alongMetric = false,
): DecodedSeries[] {
  const reader = new Reader(bytes, precision);
  return heads.map((head) => ({
    head,
    steps: reader.take(head.points),
    times: reader.take(head.points),
    values: reader.take(head.points),
    xs: alongMetric ? reader.take(head.points) : null,
  }));
}

/** Reads a buffer that is one run of numbers. */
export function decodeNumbers(bytes: DataView): Float64Array {
  return new Reader(bytes, 8).take(Math.floor(bytes.byteLength / 8));
}

/** Writes numbers as `decodeNumbers` reads them. */
export function toBytes(numbers: readonly number[]): DataView {
  const bytes = new DataView(new ArrayBuffer(8 * numbers.length));
  for (const [i, number] of numbers.entries()) bytes.setFloat64(8 * i, number, true);
  return bytes;
}

/** Reads the blocks of an append. */
export function decodeBlocks(heads: readonly BlockHead[], bytes: DataView): DecodedBlock[] {
  const reader = new Reader(bytes, 8);
  return heads.map((head) => ({
    head,
    steps: reader.take(head.rows),
    times: reader.take(head.rows),
    columns: head.keys.map(() => reader.take(head.rows)),
  }));
}

/** One run's line as it came. */
export interface DecodedLine {
  readonly uid: string;
  readonly group: number;
  readonly count: number;
  readonly x: Float64Array;
  readonly values: Float64Array;
}

/** One group's band as it came; `lows` and `highs` are NaN where there is none. */
export interface DecodedBand {
  readonly group: number;
  readonly steps: Float64Array;
  readonly counts: Float64Array;
  readonly means: Float64Array;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
}

export interface DecodedChart {
  readonly head: ChartHead;
  readonly lines: readonly DecodedLine[];
  readonly bands: readonly DecodedBand[];
}

/** Reads the charts of an answer to `draw`. */
export function decodeCharts(
  heads: readonly ChartHead[],
  bytes: DataView,
  precision: 4 | 8 = 8,
): DecodedChart[] {
  const reader = new Reader(bytes, precision);
  return heads.map((head) => ({
    head,
    lines: head.lines.map(({ uid, group, points, count }) => {
      return { uid, group, count, x: reader.take(points), values: reader.take(points) };
    }),
    bands: head.bands.map(({ group, points }) => {
      const [steps, counts, means, lows, highs] = [0, 1, 2, 3, 4].map(() => reader.take(points));
      return { group, steps, counts, means, lows, highs } as DecodedBand;
    }),
  }));
}

/** Splits a frame of the server's socket: u32 length of the head, head, buffer. */
export function splitFrame(frame: ArrayBuffer): { head: unknown; bytes: DataView } {
  if (frame.byteLength < 4) throw new FormatError("a frame of the server ends inside its length");
  const length = new DataView(frame).getUint32(0, true);
  if (4 + length > frame.byteLength) {
    throw new FormatError(`a frame of the server ends inside its head of ${length} bytes`);
  }
  const text = new TextDecoder().decode(new Uint8Array(frame, 4, length));
  return { head: JSON.parse(text), bytes: new DataView(frame, 4 + length) };
}

/** Reads the buffer of a saved panel. */
export function fromBase64(text: string): DataView {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return new DataView(bytes.buffer);
}
