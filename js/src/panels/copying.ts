/** A chart as a file for other programs: PNG, SVG. */
import {
  AREA_ALPHA,
  type Area,
  type Chart,
  type Colors,
  FAINT_ALPHA,
  type Line,
  pieces,
  type Range,
} from "../chart";
import { type LegendItem, legendRows, MARK_PX, nameAt, type PlacedItem } from "./legend-rows";

/** What a picture of a chart needs besides the chart. */
export interface Portrait {
  readonly title: string;
  /** Names of the lines in their order; "" for one that no legend names. */
  readonly names: readonly string[];
  readonly colors: Colors;
}

const TITLE_PX = 30;
const ROW_PX = 17;
const SIDE_PX = 12;
const SVG_SIZE = { width: 640, plot: 288, left: 64, right: 16, bottom: 32 } as const;

/** The chart as it is drawn, with its title and a legend, on the page's background. */
export function asPng(chart: Chart, portrait: Portrait): Promise<Blob> | null {
  const from = chart.canvas;
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  if (!from || !ctx) return null;
  const width = Math.max(1, chart.element.clientWidth);
  const scale = from.width / width;
  const legend = legendOf(chart, portrait, width - 2 * SIDE_PX, ctx);
  const top = headHeight(legend);
  canvas.width = from.width;
  canvas.height = from.height + top * scale;
  ctx.fillStyle = portrait.colors.background;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(from, 0, top * scale);
  ctx.scale(scale, scale);
  drawHead(ctx, portrait, legend);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}

/** The names of more than one line, placed in rows. */
function legendOf(
  chart: Chart,
  { names, colors }: Portrait,
  width: number,
  ctx: CanvasRenderingContext2D | null,
): PlacedItem[] {
  const lines = chart.shown?.picture.lines ?? [];
  const items = names.flatMap((label, i): LegendItem[] => {
    const line = lines[i];
    if (!line || label === "") return [];
    return [{ label, color: colors.series(line.color), dash: line.dash ?? [] }];
  });
  if (items.length < 2) return [];
  if (ctx) ctx.font = colors.font;
  return legendRows(items, width, (text) => ctx?.measureText(text).width ?? 6.5 * text.length);
}

function headHeight(legend: readonly PlacedItem[]): number {
  const rows = (legend.at(-1)?.row ?? -1) + 1;
  return TITLE_PX + ROW_PX * rows + (rows > 0 ? 4 : 0);
}

function rowAt({ row }: PlacedItem): number {
  return TITLE_PX + ROW_PX * (row + 0.5);
}

function drawHead(
  ctx: CanvasRenderingContext2D,
  { title, colors }: Portrait,
  legend: readonly PlacedItem[],
): void {
  ctx.textBaseline = "middle";
  ctx.font = colors.font.replace(/^\d+px/, "600 13px");
  ctx.fillStyle = colors.text;
  ctx.fillText(title, SIDE_PX, TITLE_PX / 2);
  ctx.font = colors.font;
  ctx.lineWidth = 2;
  for (const item of legend) {
    const y = rowAt(item);
    ctx.strokeStyle = item.color;
    ctx.setLineDash([...item.dash]);
    ctx.beginPath();
    ctx.moveTo(SIDE_PX + item.left, y);
    ctx.lineTo(SIDE_PX + item.left + MARK_PX, y);
    ctx.stroke();
    ctx.fillText(item.label, SIDE_PX + nameAt(item), y);
  }
}

export interface SvgLabels {
  readonly x: (value: number) => string;
  readonly y: (value: number) => string;
}

/** From values to places in the picture. */
interface Map {
  readonly range: Range;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** The chart as vectors: all drawn points, axes with labels, a title and a legend. */
export function asSvg(chart: Chart, portrait: Portrait, label: SvgLabels): string | null {
  const { shown } = chart;
  if (!shown) return null;
  const { width, plot, left, right, bottom } = SVG_SIZE;
  const { colors, title } = portrait;
  const legend = legendOf(
    chart,
    portrait,
    width - 2 * SIDE_PX,
    document.createElement("canvas").getContext("2d"),
  );
  const top = headHeight(legend) + 10;
  const height = top + plot + bottom;
  const map = mapOf(shown, { left, right: width - right, top, bottom: height - bottom });
  const { lines, areas = [] } = shown.picture;
  const axes = [shown.x.low, shown.x.high].map((value, i) =>
    textAt(map.x(value), height - 10, label.x(value), i === 0 ? "start" : "end"),
  );
  const values = [shown.y.low, shown.y.high].map((value) =>
    textAt(left - 8, map.y(value) + 4, label.y(value), "end"),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="${colors.text}">`,
    `<rect width="100%" height="100%" fill="${colors.background}"/>`,
    `<clipPath id="plot"><rect x="${left}" y="${top}" width="${width - left - right}" height="${plot}"/></clipPath>`,
    `<path d="M${left} ${top}V${height - bottom}H${width - right}" fill="none" stroke="${colors.grid}"/>`,
    `<text x="${SIDE_PX}" y="22" font-size="13" font-weight="600">${escaped(title)}</text>`,
    ...axes,
    ...values,
    ...legend.map(legendItem),
    `<g clip-path="url(#plot)" fill="none" stroke-width="1.25" stroke-linejoin="round">`,
    ...areas.map((area) => areaPath(area, map, colors.series(area.color))),
    ...lines.map((line) => linePath(line, map, colors.series(line.color))),
    "</g></svg>",
  ].join("\n");
}

function mapOf(
  { picture, x, y }: NonNullable<Chart["shown"]>,
  box: Readonly<Record<"left" | "right" | "top" | "bottom", number>>,
): Map {
  const tall = (value: number) => (picture.log ? Math.log10(value) : value);
  const [low, high] = [tall(y.low), tall(y.high)];
  const share = (at: number, from: number, to: number) => (at - from) / (to - from);
  return {
    range: x,
    x: (value) => box.left + share(value, x.low, x.high) * (box.right - box.left),
    y: (value) => {
      // What a logarithmic axis cannot show lies at its end.
      const at = picture.log && value <= 0 ? low : tall(value);
      return box.bottom - share(at, low, high) * (box.bottom - box.top);
    },
  };
}

function linePath({ content, dash, faint }: Line, map: Map, color: string): string {
  const d = (values: readonly (number | null)[]) => {
    let [path, pen] = ["", "M"];
    values.forEach((value, i) => {
      const x = content.x[i] as number;
      if (value === null) pen = "M";
      else if (x >= map.range.low && x <= map.range.high) {
        path += `${pen}${map.x(x).toFixed(2)} ${map.y(value).toFixed(2)}`;
        pen = "L";
      }
    });
    return path;
  };
  const dashes = dash?.length ? ` stroke-dasharray="${dash.join(" ")}"` : "";
  const smooth = content.smoothed.length > 0;
  const quiet = smooth || faint ? ` opacity="${FAINT_ALPHA}"` : "";
  const raw = `<path d="${d(content.raw)}" stroke="${color}"${dashes}${quiet}/>`;
  return smooth ? `${raw}<path d="${d(content.smoothed)}" stroke="${color}"${dashes}/>` : raw;
}

function areaPath(area: Area, map: Map, color: string): string {
  const at = (i: number, values: Float64Array) =>
    `${map.x(area.x[i] as number).toFixed(2)} ${map.y(values[i] as number).toFixed(2)}`;
  const d = pieces(area).map(([from, to]) => {
    const places = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const there = places.map((i) => at(i, area.highs));
    const back = places.reverse().map((i) => at(i, area.lows));
    return `M${[...there, ...back].join("L")}Z`;
  });
  return `<path d="${d.join("")}" fill="${color}" opacity="${AREA_ALPHA}"/>`;
}

function legendItem(item: PlacedItem): string {
  const [left, y] = [SIDE_PX + item.left, rowAt(item)];
  const dashes = item.dash.length > 0 ? ` stroke-dasharray="${item.dash.join(" ")}"` : "";
  const mark = `<path d="M${left} ${y}h${MARK_PX}" stroke="${item.color}" stroke-width="2"${dashes}/>`;
  return `${mark}${textAt(SIDE_PX + nameAt(item), y + 4, item.label, "start")}`;
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
