/** What differs between two texts, line by line, and how it is shown. */
import { h } from "./dom";

export type Mark = " " | "+" | "-";
export type DiffLine = readonly [mark: Mark, text: string];

/** Beyond as many comparisons (two texts of 2,000 changed lines) all is taken for changed. */
const MOST_CELLS = 4_000_000;

/** Returns the lines of two texts in order, with those that went and those that came. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const same = (lines: readonly string[]): DiffLine[] => lines.map((line) => [" ", line]);
  return [
    ...same(a.slice(0, start)),
    ...changes(a.slice(start, endA), b.slice(start, endB)),
    ...same(a.slice(endA)),
  ];
}

function changes(a: readonly string[], b: readonly string[]): DiffLine[] {
  const all: DiffLine[] = [
    ...a.map((line): DiffLine => ["-", line]),
    ...b.map((line): DiffLine => ["+", line]),
  ];
  if (a.length * b.length > MOST_CELLS) return all;
  const common = commonLengths(a, b);
  const width = b.length + 1;
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push([" ", a[i] as string]);
      i++;
      j++;
    } else if ((common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)) {
      lines.push(["-", a[i++] as string]);
    } else {
      lines.push(["+", b[j++] as string]);
    }
  }
  while (i < a.length) lines.push(["-", a[i++] as string]);
  while (j < b.length) lines.push(["+", b[j++] as string]);
  return lines;
}

/** Lengths of the longest common subsequences of the ends from (i, j) on, row by row. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const below = lengths[(i + 1) * width + j] as number;
      const right = lengths[i * width + j + 1] as number;
      const both = lengths[(i + 1) * width + j + 1] as number;
      lengths[i * width + j] = a[i] === b[j] ? both + 1 : Math.max(below, right);
    }
  }
  return lengths;
}

/** A text of lines, with numbers beside them where `numbered`. */
export function sourceView(label: string, lines: readonly HTMLElement[]): HTMLElement {
  return h("pre", { class: "nbt-source", tabindex: 0, "aria-label": label }, ...lines);
}

export function diffView(label: string, lines: readonly DiffLine[]): HTMLElement {
  return sourceView(
    label,
    lines.map(([mark, text]) =>
      h("span", { class: "nbt-line", "data-mark": mark }, `${mark} ${text}\n`),
    ),
  );
}

/** A patch as `git diff` writes it. */
export function patchView(label: string, patch: string): HTMLElement {
  return sourceView(
    label,
    patch.split("\n").map((line) => {
      const mark = /^(\+\+\+|---|diff |index )/.test(line)
        ? "f"
        : (/^[-+@]/.exec(line)?.[0] ?? " ");
      return h("span", { class: "nbt-line", "data-mark": mark }, `${line}\n`);
    }),
  );
}

export function numberedView(label: string, text: string): HTMLElement {
  const lines = text.replace(/\n$/, "").split("\n");
  const view = sourceView(
    label,
    lines.map((line) => h("span", { class: "nbt-line" }, `${line}\n`)),
  );
  view.toggleAttribute("data-numbered", true);
  view.style.setProperty("--digits", `${String(lines.length).length}ch`);
  return view;
}
