/** Which lines of the console a filter finds: the same as the store, for lines that just came. */
import type { Find, Line } from "../protocol";
import { plainText } from "./ansi";

export type LineFilter = Pick<Find, "search" | "streams" | "level">;

const ERROR =
  /\b(?:ERROR|CRITICAL|FATAL)\b|Traceback \(most recent call last\)|\b\w*(?:Error|Exception)\b(?::|$)/;
const WARNING = /\b(?:WARNING|WARN)\b|\b\w*Warning\b/;
const ERRORS: ReadonlySet<string> = new Set(["error", "critical", "fatal"]);
const WARNINGS: ReadonlySet<string> = new Set(["warning", "warn"]);

/** Lines without their colours, made once: several filters read them. */
const plainTexts = new WeakMap<Line, string>();

export function plainOf(line: Line): string {
  let text = plainTexts.get(line);
  if (text === undefined) {
    text = plainText(line.text);
    plainTexts.set(line, text);
  }
  return text;
}

/** How bad a line is: as its logger says or, where none does, as its text looks. */
export function levelOf(line: Line): "error" | "warning" | "" {
  const said = line.level ?? "";
  const text = said === "" ? plainOf(line) : "";
  if (ERRORS.has(said) || ERROR.test(text)) return "error";
  return WARNINGS.has(said) || WARNING.test(text) ? "warning" : "";
}

export function isEmpty(filter: LineFilter): boolean {
  return filter.search === "" && filter.streams.length === 0 && filter.level === "all";
}

/** Returns the test that a filter comes to. */
export function lineTest(filter: LineFilter): (line: Line) => boolean {
  const search = matcher(filter.search);
  return (line) => {
    if (filter.streams.length > 0 && !filter.streams.includes(line.stream)) return false;
    if (filter.level !== "all") {
      const level = levelOf(line);
      if (level === "" || (filter.level === "error" && level !== "error")) return false;
    }
    return search === null || search.test(plainOf(line));
  };
}

/** A search as people type it: a regular expression, or plain text where it is none. */
export function matcher(search: string): RegExp | null {
  return search === "" ? null : new RegExp(patternOf(search), "i");
}

/** The regular expression that a search means, as text. */
export function patternOf(search: string): string {
  try {
    new RegExp(search, "i");
    return search;
  } catch {
    return search.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }
}
