export { asMessage } from "./check";
export {
  type DecodedBand,
  type DecodedBlock,
  type DecodedChart,
  type DecodedLine,
  type DecodedSeries,
  decodeBlocks,
  decodeCharts,
  decodeNumbers,
  decodeSeries,
  FormatError,
  fromBase64,
  NO_BYTES,
  splitFrame,
  toBytes,
} from "./decode";
export * from "./messages";
