/** What a page carries of one live view, unpacked; see `reports/parcel.py`. */
import { FormatError, fromBase64, splitFrame } from "../protocol";
import { type ColumnHead, unpackColumns } from "./columns";

export interface Parcel {
  readonly mimeType: string;
  readonly bundle: unknown;
  /** How it is looked at. */
  readonly view: { readonly height?: number; readonly tabs?: readonly string[] };
  readonly bytes: DataView;
}

interface Head {
  readonly mime_type: string;
  readonly bundle: unknown;
  readonly view: Parcel["view"];
  readonly columns?: readonly ColumnHead[];
  readonly layout?: readonly number[];
}

/** @throws FormatError with words for the reader of the page. */
export async function readParcel(text: string): Promise<Parcel> {
  const { head, bytes } = splitFrame(await inflated(fromBase64(text.trim())));
  const { mime_type, bundle, view, columns, layout = [] } = head as Head;
  const body = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = columns ? unpackColumns(columns, layout, body) : bytes;
  return { mimeType: mime_type, bundle, view, bytes: numbers };
}

async function inflated(packed: DataView): Promise<ArrayBuffer> {
  if (typeof DecompressionStream === "undefined") {
    throw new FormatError("this browser is too old to unpack the numbers");
  }
  const stream = new Blob([packed as DataView<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}
