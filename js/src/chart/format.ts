/** Numbers as people read them: few digits, real minus signs, units that fit. */

const MINUS = "\u2212";
const SUFFIXES = [
  [1e12, 1e12, "T"],
  [1e9, 1e9, "G"],
  [1e6, 1e6, "M"],
  [1e4, 1e3, "k"], // four digits are as short as three and a letter
] as const;

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A measured value in a narrow place: five significant digits. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (Number.isInteger(value) && size < 1e7) return minus(GROUPED.format(value));
  if (size >= 1e7 || size < 1e-3) return minus(exponential(value, 3));
  const decimals = Math.max(0, 4 - Math.floor(Math.log10(size)));
  return minus(size < 1e3 ? value.toFixed(decimals) : grouped(value, decimals));
}

function grouped(value: number, decimals: number): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** A value that stands still: six significant digits or more, no zeros at their end. */
export function formatExact(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return formatValue(value);
  const digits = Math.max(6, Math.ceil(Math.log10(Math.abs(value))) + 2);
  return minus(String(Number(value.toPrecision(Math.min(100, digits)))));
}

/** A count or a step, digits grouped. */
export function formatCount(value: number): string {
  return Number.isFinite(value) ? minus(GROUPED.format(value)) : formatValue(value);
}

/**
 * Labels of an axis: no more digits than tell neighbours apart.
 *
 * @param increment distance between neighbouring labels.
 */
export function formatTicks(values: readonly number[], increment: number): string[] {
  const largest = Math.max(...values.map((value) => Math.abs(value)));
  return values.map((value) => formatTick(value, increment, largest));
}

function formatTick(value: number, increment: number, largest: number): string {
  if (value === 0) return "0";
  if (largest < 1e-3) {
    const digits = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(increment));
    return minus(exponential(value, Math.min(4, Math.max(0, digits))));
  }
  if (largest >= 1e15) return minus(exponential(value, 1));
  const [, unit, suffix] = SUFFIXES.find(([from]) => largest >= from) ?? [0, 1, ""];
  const decimals = Math.max(0, -Math.floor(Math.log10(increment / unit) + 1e-9));
  return minus((value / unit).toFixed(Math.min(8, decimals)) + suffix);
}

/** Labels of a logarithmic axis: powers of ten, and simple multiples of them. */
export function formatPower(value: number): string {
  if (value >= 1e-3 && value < 1e4) return String(value);
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  const digit = Math.round(value / 10 ** exponent);
  return `${digit}e${exponent < 0 ? MINUS : ""}${Math.abs(exponent)}`;
}

/** A duration as a clock shows it: `0:07`, `12:04`, `1:02:03`, `2d 01:02:03`. */
export function formatDuration(duration_s: number): string {
  if (!Number.isFinite(duration_s)) return "–";
  const whole = Math.max(0, Math.floor(duration_s));
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24];
  const minutes = Math.floor(whole / 60) % 60;
  const seconds = two(whole % 60);
  if (days > 0) return `${days}d ${two(hours)}:${two(minutes)}:${seconds}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}

/** Labels of a time axis in seconds since the run's start. */
export function formatTimeTick(value_s: number, increment_s: number): string {
  if (value_s === 0) return "0";
  if (increment_s < 1) return minus(`${value_s.toFixed(increment_s < 0.1 ? 2 : 1)}s`);
  if (increment_s < 60 && Math.abs(value_s) < 60) return minus(`${value_s}s`);
  if (increment_s >= 3600) return minus(`${Math.round(value_s / 360) / 10}h`);
  if (increment_s >= 60 && Math.abs(value_s) < 3600) return minus(`${Math.round(value_s / 60)}m`);
  return (value_s < 0 ? MINUS : "") + formatDuration(Math.abs(value_s));
}

/**
 * Labels of a clock's axis: the day where it is a new one, else the time of day.
 *
 * @param wall_s seconds on the reader's clock, see `wallClock`.
 */
export function formatClockTick(wall_s: number, increment_s: number): string {
  const date = new Date(1000 * wall_s);
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`;
  const isMidnight = wall_s % 86_400 === 0;
  if (increment_s >= 86_400 || isMidnight) return day;
  const minutes = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (increment_s >= 60) return minutes;
  const seconds = two(date.getUTCSeconds());
  const digits = increment_s < 0.1 ? 2 : 1;
  const fraction = increment_s < 1 ? (wall_s % 1).toFixed(digits).slice(1) : "";
  return `${minutes}:${seconds}${fraction}`;
}

/** How long ago something was: `just now`, `5 min ago`, `3 h ago`, `2 days ago`, a date. */
export function formatAge(age_s: number): string {
  if (age_s < 45) return "just now";
  if (age_s < 3570) return `${Math.max(1, Math.round(age_s / 60))} min ago`;
  if (age_s < 86_400) return `${Math.round(age_s / 3600)} h ago`;
  const days = Math.round(age_s / 86_400);
  return days === 1 ? "yesterday" : `${days} days ago`;
}

/** A moment as the reader's own calendar and clock show it. */
export function formatMoment(epoch_s: number): string {
  return new Date(epoch_s * 1000).toLocaleString(undefined, {
    dateStyle: "medium",
    timeStyle: "medium",
  });
}

/** Mebibytes, as psutil and wandb count memory, in the unit that fits. */
export function formatMebibytes(mebibytes: number): string {
  if (!Number.isFinite(mebibytes)) return formatValue(mebibytes);
  if (Math.abs(mebibytes) >= 1024 * 1024) return `${(mebibytes / 1024 / 1024).toFixed(2)} TiB`;
  if (Math.abs(mebibytes) >= 1024) return `${(mebibytes / 1024).toFixed(2)} GiB`;
  if (mebibytes !== 0 && Math.abs(mebibytes) < 0.1) return `${(mebibytes * 1024).toFixed(1)} KiB`;
  return `${mebibytes.toFixed(mebibytes < 10 ? 2 : 0)} MiB`;
}

/** Labels of a memory axis, whose increments are powers of two. */
export function formatMebibyteTick(mebibytes: number): string {
  const size = Math.abs(mebibytes);
  if (size === 0) return "0";
  const [unit, suffix] = binaryUnit(size);
  return minus(`${Number((mebibytes / unit).toFixed(3))}${suffix}`);
}

function binaryUnit(mebibytes: number): readonly [unit: number, suffix: string] {
  if (mebibytes >= 2 ** 20) return [2 ** 20, "T"];
  if (mebibytes >= 1024) return [1024, "G"];
  return mebibytes >= 1 / 8 ? [1, "M"] : [1 / 1024, "K"];
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function minus(text: string): string {
  return text.replace(/^-/, MINUS).replace("e-", `e${MINUS}`);
}

function exponential(value: number, digits: number): string {
  return value.toExponential(digits).replace("e+", "e");
}
