/** Doing something to many runs: in parts, so that the server stays free and progress is seen. */
import type { Answer, Ask } from "../data";
import type { Act, Outcome } from "../protocol";

type Send = (ask: Ask) => Promise<Answer>;

export interface Course {
  readonly done: number;
  readonly total: number;
}

export interface Result {
  readonly outcomes: readonly Outcome[];
  /** How many were left when somebody said stop, or the server did not answer. */
  readonly left: number;
  /** Why it ended early, "" where it did not. */
  readonly why: string;
}

/** A part of this size is done within a second on a disk that is not slow. */
const PART = 40;

/**
 * Does `act` to runs, part after part.
 *
 * @param goesOn asked before each part; false leaves the rest as it is.
 */
export async function actOn(
  send: Send,
  uids: readonly string[],
  act: Pick<Act, "action" | "add" | "remove">,
  tell: (course: Course) => void = () => {},
  goesOn: () => boolean = () => true,
): Promise<Result> {
  const outcomes: Outcome[] = [];
  for (let at = 0; at < uids.length; at += PART) {
    tell({ done: at, total: uids.length });
    if (!goesOn()) return { outcomes, left: uids.length - at, why: "" };
    try {
      const { reply } = await send({ op: "act", runs: uids.slice(at, at + PART), ...act });
      outcomes.push(...(reply.outcomes ?? []));
    } catch (error) {
      return { outcomes, left: uids.length - at, why: (error as Error).message };
    }
  }
  tell({ done: uids.length, total: uids.length });
  return { outcomes, left: 0, why: "" };
}

/**
 * Finishes runs in which nothing goes on.
 *
 * @throws RequestError or Error in words, where one of them is not finished.
 */
export async function finishRuns(send: Send, uids: readonly string[]): Promise<void> {
  const result = await actOn(send, uids, { action: "finish" });
  const [trouble] = troublesIn(result);
  const why = trouble?.words ?? result.why;
  if (why !== "") throw new Error(why);
}

/** The uids of runs to which something was done. */
export function doneIn({ outcomes }: Result): string[] {
  return outcomes.filter(({ trouble }) => trouble === "").map(({ uid }) => uid);
}

export function bytesIn(result: Pick<Result, "outcomes">): number {
  return result.outcomes.reduce((sum, { trouble, bytes }) => sum + (trouble === "" ? bytes : 0), 0);
}

/** Why something was not done, each reason once, with how many runs it holds for. */
export function troublesIn({
  outcomes,
}: Result): { readonly words: string; readonly runs: number }[] {
  const found = new Map<string, number>();
  for (const { trouble } of outcomes) {
    if (trouble !== "") found.set(trouble, (found.get(trouble) ?? 0) + 1);
  }
  return Array.from(found, ([words, runs]) => ({ words, runs })).sort((a, b) => b.runs - a.runs);
}

/** Bytes as people read them; SI, as the disk's maker counts. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let value = bytes;
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}

/** Tags as they are typed: a list with commas. */
export function tagsIn(text: string): string[] {
  const tags = text.split(",").map((tag) => tag.trim());
  return [...new Set(tags.filter((tag) => tag !== ""))];
}
