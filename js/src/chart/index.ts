export type { Unit } from "./axes";
export { Chart, type ChartOptions, type Picture, type Range } from "./chart";
export {
  type Axis,
  type Content,
  type ContentOptions,
  contentOf,
  type Mark,
  nearest,
} from "./content";
export {
  formatAge,
  formatCount,
  formatDuration,
  formatExact,
  formatMebibytes,
  formatMoment,
  formatPower,
  formatTicks,
  formatTimeTick,
  formatValue,
} from "./format";
export { DARK, LIGHT, seriesColor } from "./palette";
export { type Drawable, type Moment, Stage } from "./stage";
export { type Colors, luminance, readColors, watchTheme } from "./theme";
