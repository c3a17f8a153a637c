export { AREA_ALPHA, type Area, pieces } from "./areas";
export { type Axis, alongMetric, metricOf, wallClock } from "./axis";
export { Chart, type ChartOptions, FAINT_ALPHA, type Line, type Picture } from "./chart";
export {
  type Content,
  type ContentOptions,
  contentOf,
  type Mark,
  nearest,
} from "./content";
export {
  formatAge,
  formatClockTick,
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
export { DARK, dashOf, LIGHT, seriesColor } from "./palette";
export type { Clipped, Range } from "./ranges";
export { type Drawable, type Moment, Stage } from "./stage";
export { type Colors, luminance, readColors, watchTheme } from "./theme";
export type { Unit } from "./ticks";
