/** A file as far as it can be looked at: text, a picture, JSON, a notebook, a patch. */
import { type FileBytes, textOf } from "../data";
import type { Json } from "../protocol";
import { numberedView, patchView } from "./diff";
import { h } from "./dom";
import { sizeOf } from "./facts";
import { isObject } from "./values-table";

/** So much of a text is looked at; the download has all of it. */
export const MOST_PREVIEW = 512 << 10;
const MOST_PICTURE = 16 << 20;
const MOST_LINES = 5_000;

const PICTURES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  bmp: "image/bmp",
  // As the source of an image a drawing runs no script and loads nothing.
  svg: "image/svg+xml",
};

/** How many bytes the preview of a file needs. */
export function needed(name: string): number {
  return endOf(name) in PICTURES ? MOST_PICTURE : MOST_PREVIEW;
}

/** @param release takes what is to be called when the preview goes. */
export function preview(
  name: string,
  file: FileBytes,
  release: (free: () => void) => void,
): HTMLElement[] {
  const end = endOf(name);
  const type = Object.hasOwn(PICTURES, end) ? PICTURES[end] : undefined;
  if (type !== undefined) return [picture(name, file, type, release)];
  const here = file.parts.reduce((sum, part) => sum + part.length, 0);
  if (file.parts.some((part) => part.includes(0))) {
    return [quiet(`This is no text: ${sizeOf(file.size)} of bytes. Download it to look at it.`)];
  }
  const cut = here < file.size ? [quiet(`The first ${sizeOf(here)} of ${sizeOf(file.size)}:`)] : [];
  return [...cut, ...textual(name, end, textOf(file), cut.length > 0)];
}

function textual(name: string, end: string, text: string, isCut: boolean): HTMLElement[] {
  if (end === "patch" || end === "diff") return [patchView(name, text)];
  const data = (end === "json" || end === "ipynb") && !isCut ? parsed(text) : undefined;
  if (end === "ipynb" && data !== undefined) return notebook(name, data);
  return lined(name, data === undefined ? text : JSON.stringify(data, null, 2));
}

function lined(name: string, text: string): HTMLElement[] {
  const lines = text.split("\n");
  if (lines.length <= MOST_LINES) return [numberedView(name, text)];
  const some = lines.slice(0, MOST_LINES).join("\n");
  return [quiet(`The first ${MOST_LINES} of ${lines.length} lines:`), numberedView(name, some)];
}

/** Cells as they were written; their outputs are left out. */
function notebook(name: string, data: Json): HTMLElement[] {
  const cells = isObject(data) && Array.isArray(data.cells) ? data.cells : null;
  if (!cells) return lined(name, JSON.stringify(data, null, 2));
  return cells.filter(isObject).map((cell, i) => {
    const { source = "", cell_type = "" } = cell;
    const text = Array.isArray(source) ? source.map(String).join("") : String(source);
    const kind = String(cell_type);
    return h(
      "section",
      { class: "nbt-nb-cell", "data-kind": kind },
      h("small", { class: "nbt-quiet" }, `${i + 1} · ${kind}`),
      numberedView(`Cell ${i + 1}`, text),
    );
  });
}

function picture(
  name: string,
  { parts, size }: FileBytes,
  type: string,
  release: (free: () => void) => void,
): HTMLElement {
  if (size > MOST_PICTURE) return quiet(`A picture of ${sizeOf(size)}. Download it to look at it.`);
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  release(() => URL.revokeObjectURL(url));
  const image = h("img", { class: "nbt-picture", src: url, alt: name });
  const words = h("figcaption", { class: "nbt-quiet" });
  image.addEventListener("load", () => {
    words.textContent = `${image.naturalWidth} × ${image.naturalHeight}`;
  });
  image.addEventListener("error", () => {
    image.replaceWith(quiet("The browser cannot show this picture. Download it to look at it."));
  });
  return h("figure", {}, image, words);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function quiet(text: string): HTMLElement {
  return h("p", { class: "nbt-quiet" }, text);
}

function endOf(name: string): string {
  return /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}
