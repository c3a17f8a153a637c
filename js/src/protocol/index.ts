export { asMessage } from "./check";
export {
  type DecodedBlock,
  type DecodedSeries,
  decodeBlocks,
  decodeNumbers,
  decodeSeries,
  FormatError,
  fromBase64,
  NO_BYTES,
  splitFrame,
  toBytes,
} from "./decode";
export * from "./messages";
