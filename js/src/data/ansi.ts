/**
 * Console text with its colours: SGR sequences become styled spans, every other control
 * sequence goes, and all text stays text.
 */

/** A piece of a line in one style. Colours are 0-255 of the xterm palette or `rgb()` text. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

export interface Style {
  readonly color?: number | string;
  readonly background?: number | string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

type Mutable = { -readonly [K in keyof Style]?: Style[K] | undefined };

// CSI ... final | OSC ... BEL or ST | other escapes | control characters but tab
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are its subject
  /\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*(?:[@-~]|$)|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]?|[\x00-\x08\x0a-\x1f\x7f]/g;

/** Splits a line into spans. A carriage return inside it starts the line anew. */
export function parseAnsi(line: string): Span[] {
  const text = line.slice(line.lastIndexOf("\r", line.length - 2) + 1);
  const spans: Span[] = [];
  let style: Style = {};
  let from = 0;
  const push = (to: number) => {
    if (to > from) spans.push({ text: text.slice(from, to), style });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[1] !== undefined) style = applied(style, match[1]);
  }
  push(text.length);
  return spans;
}

/** The line without any control sequence. */
export function plainText(line: string): string {
  return parseAnsi(line)
    .map((span) => span.text)
    .join("");
}

function applied(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map((text) => (text === "" ? 0 : Number(text)));
  const style: Mutable = { ...before };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    if (code === 38 || code === 48) {
      const [color, used] = extended(codes.slice(i + 1));
      if (code === 38) style.color = color;
      else style.background = color;
      i += used;
    } else {
      apply(style, code);
    }
  }
  return Object.fromEntries(Object.entries(style).filter(([, value]) => value !== undefined));
}

function apply(style: Mutable, code: number): void {
  if (code === 0) for (const name of Object.keys(style)) style[name as keyof Style] = undefined;
  else if (code === 1) style.bold = true;
  else if (code === 2) style.dim = true;
  else if (code === 3) style.italic = true;
  else if (code === 4) style.underline = true;
  else if (code === 7) style.inverse = true;
  else if (code === 9) style.strike = true;
  else if (code === 22) style.bold = style.dim = undefined;
  else if (code === 23) style.italic = undefined;
  else if (code === 24) style.underline = undefined;
  else if (code === 27) style.inverse = undefined;
  else if (code === 29) style.strike = undefined;
  else if (code === 39) style.color = undefined;
  else if (code === 49) style.background = undefined;
  else if (code >= 30 && code <= 37) style.color = code - 30;
  else if (code >= 40 && code <= 47) style.background = code - 40;
  else if (code >= 90 && code <= 97) style.color = code - 90 + 8;
  else if (code >= 100 && code <= 107) style.background = code - 100 + 8;
}

/** The colour after 38 or 48, and how many codes it took. */
function extended(codes: readonly number[]): [number | string | undefined, number] {
  const byte = (value: number | undefined) => Math.max(0, Math.min(255, Math.trunc(value ?? 0)));
  if (codes[0] === 5) return [byte(codes[1]), 2];
  if (codes[0] === 2) return [`rgb(${[1, 2, 3].map((i) => byte(codes[i])).join(" ")})`, 4];
  return [undefined, codes.length];
}

const CUBE = [0, 95, 135, 175, 215, 255] as const;

/** What CSS writes for a colour: the first 16 follow the theme. */
export function cssColor(color: number | string): string {
  if (typeof color === "string") return color;
  if (color < 16) return `var(--nbt-ansi-${color})`;
  if (color >= 232) return gray(8 + 10 * (color - 232));
  const index = color - 16;
  const level = (value: number) => CUBE[value % 6] as number;
  return `rgb(${level(Math.floor(index / 36))} ${level(Math.floor(index / 6))} ${level(index)})`;
}

function gray(level: number): string {
  return `rgb(${level} ${level} ${level})`;
}
