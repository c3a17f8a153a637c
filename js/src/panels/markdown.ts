/**
 * The part of Markdown that people use in notes, as elements. Whatever it does not know, HTML
 * included, stays the text that it is; links go to the web and nowhere else.
 */
import { type Child, h } from "./dom";

const FENCE = /^\s*(```|~~~)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*\s*$/;
const ITEM = /^(\s*)(?:[-*+]|\d+[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/;
const NUMBERED = /^\s*\d/;
const QUOTE = /^>\s?/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
/** Code, bold, italics, struck out, a link, an address in angle brackets, a bare one. */
const INLINE =
  /(`+)([^`]+)\1|\*\*(.+?)\*\*|(?<![\w*])[*_]([^*_\s](?:[^*_]*[^*_\s])?)[*_](?!\w)|~~(.+?)~~|!?\[([^\]]*)\]\(([^()\s]+)\)|<(https?:\/\/[^\s<>]+)>|(https?:\/\/[^\s<>()]+[^\s<>().,;:!?'"])/;
const DEEPEST = 6;
/** Longer paragraphs stay plain: what is opened and never closed is looked for to their end. */
const LONGEST = 5_000;

/** Returns Markdown as elements. */
export function markdown(text: string): HTMLElement[] {
  const lines = text.split("\n");
  const blocks: HTMLElement[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    const [block, next] = blockAt(lines, at, line);
    if (block) blocks.push(block);
    at = next;
  }
  return blocks;
}

function blockAt(lines: readonly string[], at: number, line: string): [HTMLElement | null, number] {
  if (line.trim() === "") return [null, at + 1];
  if (FENCE.test(line)) return fenced(lines, at);
  if (RULE.test(line)) return [h("hr"), at + 1];
  const heading = HEADING.exec(line);
  if (heading) {
    // Below the panel's own headings, whatever the author's first level is.
    const level = Math.min(6, 3 + (heading[1]?.length ?? 1)) as 4 | 5 | 6;
    return [h(`h${level}`, {}, ...inline(heading[2] ?? "")), at + 1];
  }
  const next = runOf(lines, at, ITEM.test(line) ? ITEM : QUOTE.test(line) ? QUOTE : null);
  const run = lines.slice(at, next);
  if (ITEM.test(line)) return [list(run), next];
  if (QUOTE.test(line)) {
    return [
      h("blockquote", {}, ...inline(run.map((one) => one.replace(QUOTE, "")).join("\n"))),
      next,
    ];
  }
  return [h("p", {}, ...inline(run.join("\n"))), next];
}

/** Where the lines end that belong together: those of a kind, or those of a paragraph. */
function runOf(lines: readonly string[], at: number, kind: RegExp | null): number {
  let next = at + 1;
  for (; next < lines.length; next++) {
    const line = lines[next] as string;
    if (line.trim() === "" || FENCE.test(line) || HEADING.test(line)) break;
    if (kind ? !kind.test(line) : ITEM.test(line) || QUOTE.test(line)) break;
  }
  return next;
}

function fenced(lines: readonly string[], at: number): [HTMLElement, number] {
  const fence = FENCE.exec(lines[at] as string)?.[1] as string;
  let end = at + 1;
  while (end < lines.length && !(lines[end] as string).trim().startsWith(fence)) end++;
  return [h("pre", { tabindex: 0 }, lines.slice(at + 1, end).join("\n")), end + 1];
}

function list(run: readonly string[]): HTMLElement {
  const items = run.map((line) => {
    const [, indent = "", check, text = ""] = ITEM.exec(line) ?? [];
    const box = check === undefined ? null : check === " " ? "☐ " : "☑ ";
    const item = h("li", {}, box, ...inline(text));
    item.style.marginInlineStart = `${Math.min(indent.length, 12) * 8}px`;
    return item;
  });
  return h(NUMBERED.test(run[0] ?? "") ? "ol" : "ul", {}, ...items);
}

function inline(text: string, depth = 0): Child[] {
  if (text.length > LONGEST) return [text];
  const nodes: Child[] = [];
  let rest = text;
  for (let match = INLINE.exec(rest); match && depth < DEEPEST; match = INLINE.exec(rest)) {
    nodes.push(rest.slice(0, match.index), marked(match, depth + 1));
    rest = rest.slice(match.index + match[0].length);
  }
  return [...nodes, rest];
}

function marked(match: RegExpExecArray, depth: number): Child {
  const [whole, , code, bold, italic, struck, label, target, enclosed, bare] = match;
  const address = enclosed ?? bare;
  if (code !== undefined) return h("code", {}, code);
  if (bold !== undefined) return h("strong", {}, ...inline(bold, depth));
  if (italic !== undefined) return h("em", {}, ...inline(italic, depth));
  if (struck !== undefined) return h("s", {}, ...inline(struck, depth));
  if (address !== undefined) return link(address, [address]);
  if (target !== undefined && isOfTheWeb(target)) {
    return link(target, label ? inline(label, depth) : [target]);
  }
  return whole;
}

/** The address is seen before it is followed, whatever the words say. */
function link(target: string, words: readonly Child[]): HTMLElement {
  const attributes = { href: target, target: "_blank", rel: "noopener noreferrer", title: target };
  return h("a", attributes, ...words);
}

function isOfTheWeb(target: string): boolean {
  return /^https?:\/\//i.test(target) && URL.canParse(target);
}
