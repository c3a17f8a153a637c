/** A chart as a file for other programs: PNG, SVG, CSV. */
import type { Chart, Colors, Line, Range } from "../chart";
import type { Series } from "../data";

/** A line and its name. */
export interface Named {
  readonly label: string;
  readonly line: Line;
}

/** What a picture of a chart needs besides the chart. */
export interface Portrait {
  readonly title: string;
  readonly lines: readonly Named[];
  readonly colors: Colors;
}

const PNG_TITLE_PX = 30;
const SVG_SIZE = { width: 640, height: 360, left: 64, right: 16, top: 40, bottom: 32 } as const;

/** The chart as it is drawn, with its title and a legend, on the page's background. */
export function asPng(chart: Chart, portrait: Portrait): Promise<Blob> | null {
  const from = chart.canvas;
  if (!from) return null;
  const scale = from.width / Math.max(1, chart.element.clientWidth);
  const top = PNG_TITLE_PX * scale;
  const canvas = document.createElement("canvas");
  canvas.width = from.width;
  canvas.height = from.height + top;
  const ctx = canvas.getContext("2d");
  if (!ctx) return null;
  ctx.fillStyle = portrait.colors.background;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(from, 0, top);
  ctx.scale(scale, scale);
  drawHead(ctx, portrait);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}

function drawHead(ctx: CanvasRenderingContext2D, { title, lines, colors }: Portrait): void {
  const { font } = colors;
  ctx.textBaseline = "middle";
  ctx.font = font.replace(/^\d+px/, "600 13px");
  ctx.fillStyle = colors.text;
  ctx.fillText(title, 12, PNG_TITLE_PX / 2);
  let x = 28 + ctx.measureText(title).width;
  ctx.font = font;
  for (const { label, line } of lines.length > 1 ? lines : []) {
    ctx.fillStyle = colors.series(line.color);
    ctx.fillRect(x, PNG_TITLE_PX / 2 - 1, 10, 2);
    ctx.fillStyle = colors.text;
    ctx.fillText(label, x + 14, PNG_TITLE_PX / 2);
    x += 30 + ctx.measureText(label).width;
  }
}

/** The chart as vectors: all drawn points, axes with labels, a title and a legend. */
export function asSvg(chart: Chart, portrait: Portrait, label: SvgLabels): string | null {
  const { shown } = chart;
  if (!shown) return null;
  const { width, height, left, right, top, bottom } = SVG_SIZE;
  const { colors, lines, title } = portrait;
  const log = shown.picture.log;
  const at = (range: Range, value: number) => (value - range.low) / (range.high - range.low);
  const tall = (value: number) => (log ? Math.log10(value) : value);
  const y = { low: tall(shown.y.low), high: tall(shown.y.high) };
  const xOf = (value: number) => left + at(shown.x, value) * (width - left - right);
  const yOf = (value: number) => height - bottom - at(y, tall(value)) * (height - top - bottom);
  const paths = lines.map(({ line }) => pathOf(line, shown.x, xOf, yOf, colors.series(line.color)));
  const keys = lines.length > 1 ? lines.map((one, i) => legendOf(one, i, colors)) : [];
  const axes = [shown.x.low, shown.x.high].map((value, i) =>
    textAt(xOf(value), height - 10, label.x(value), i === 0 ? "start" : "end"),
  );
  const values = [shown.y.low, shown.y.high].map((value) =>
    textAt(left - 8, yOf(value) + 4, label.y(value), "end"),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="${colors.text}">`,
    `<rect width="100%" height="100%" fill="${colors.background}"/>`,
    `<clipPath id="plot"><rect x="${left}" y="${top}" width="${width - left - right}" height="${height - top - bottom}"/></clipPath>`,
    `<path d="M${left} ${top}V${height - bottom}H${width - right}" fill="none" stroke="${colors.grid}"/>`,
    `<text x="12" y="22" font-size="13" font-weight="600">${escaped(title)}</text>`,
    ...axes,
    ...values,
    ...keys,
    `<g clip-path="url(#plot)" fill="none" stroke-width="1.25" stroke-linejoin="round">`,
    ...paths,
    "</g></svg>",
  ].join("\n");
}

export interface SvgLabels {
  readonly x: (value: number) => string;
  readonly y: (value: number) => string;
}

function pathOf(
  { content, dash }: Line,
  range: Range,
  xOf: (value: number) => number,
  yOf: (value: number) => number,
  color: string,
): string {
  const d = (values: readonly (number | null)[]) => {
    let [path, pen] = ["", "M"];
    values.forEach((value, i) => {
      const x = content.x[i] as number;
      if (value === null) pen = "M";
      else if (x >= range.low && x <= range.high) {
        path += `${pen}${xOf(x).toFixed(2)} ${yOf(value).toFixed(2)}`;
        pen = "L";
      }
    });
    return path;
  };
  const dashes = dash ? ` stroke-dasharray="${dash.join(" ")}"` : "";
  const smooth = content.smoothed.length > 0;
  const raw = `<path d="${d(content.raw)}" stroke="${color}"${dashes}${smooth ? ' opacity="0.28"' : ""}/>`;
  return smooth ? `${raw}<path d="${d(content.smoothed)}" stroke="${color}"${dashes}/>` : raw;
}

function legendOf({ label, line }: Named, index: number, colors: Colors): string {
  const y = 22 + 15 * index;
  const { width, right } = SVG_SIZE;
  const color = colors.series(line.color);
  return `${textAt(width - right - 18, y, label, "end")}<path d="M${width - right - 12} ${y - 4}h12" stroke="${color}" stroke-width="2"/>`;
}

function textAt(x: number, y: number, text: string, anchor: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  // What XML cannot say at all goes; what would be markup is written out.
  const plain = Array.from(text, (one) => (one < " " || one === "\ufffe" ? " " : one)).join("");
  return plain.replace(/[&<>]/g, (one) => entities[one] as string);
}

/**
 * The points of some series as CSV: one row per point, `key,step,time_s,value`.
 *
 * A text that a spreadsheet would take for a formula gets an apostrophe before it.
 */
export function asCsv(series: readonly Series[]): string {
  const rows = ["key,step,time_s,value"];
  for (const { key, length, steps, times, values } of series) {
    const name = csvText(key);
    for (let i = 0; i < length; i++) {
      const step = Number.isNaN(steps[i]) ? "" : String(steps[i]);
      rows.push([name, step, times[i], values[i]].join(","));
    }
  }
  return `${rows.join("\r\n")}\r\n`;
}

function csvText(text: string): string {
  const guarded = /^[\s\0]*[=+\-@]/.test(text) || /^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** A name for a file, made of a key. */
export function fileName(key: string, ending: string): string {
  const plain = key.replace(/[^\w.-]+/g, "-").replace(/^[.-]+|-+$/g, "");
  return `${plain.slice(0, 80) || "chart"}.${ending}`;
}

/** Hands a file to the reader. */
export function download(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Puts a picture into the clipboard; false where the page may not, say without https. */
export async function copy(
  type: "image/png" | "text/plain",
  blob: Promise<Blob>,
): Promise<boolean> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ [type]: blob })]);
    return true;
  } catch {
    return false;
  }
}
