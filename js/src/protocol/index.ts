export { asMessage } from "./check";
export {
  type DecodedBlock,
  type DecodedSeries,
  decodeBlocks,
  decodeSeries,
  FormatError,
  fromBase64,
  NO_BYTES,
  splitFrame,
} from "./decode";
export * from "./messages";
