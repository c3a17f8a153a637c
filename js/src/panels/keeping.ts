/**
 * The browser's storage as a shelf of bounded length: one entry per run, the oldest go
 * first. What lies there is not trusted: a field of another kind than the usual one counts
 * as missing.
 */

import type { Scope } from "./dom";

export type Kept = Record<string, unknown>;

const KEEP_MS = 600;
const USES = ["pointerup", "click", "dblclick", "change", "keyup", "wheel", "drop"] as const;
const PREFIX = "nbtrack.view.";
const MOST_RUNS = 50;
/** Half a megabyte in all, a tenth of what a page may keep. */
const MOST_CHARACTERS = 10_000;

/** Returns `usual` with the fields that were kept for a run. */
export function kept<T extends Kept>(uid: string, usual: T): T {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(PREFIX + uid) ?? "{}");
    const fields = isFields(found) && isFields(found.state) ? found.state : {};
    for (const [name, value] of Object.entries(fields)) {
      const restored = Object.hasOwn(usual, name) ? alike(value, usual[name]) : undefined;
      if (restored !== undefined) (usual as Kept)[name] = restored;
    }
  } catch {
    // No storage, or something else in it: the usual look.
  }
  return usual;
}

/** Keeps the fields of a run's state; says nothing where the page has no storage. */
export function keep(uid: string, state: Kept): void {
  try {
    const plain = JSON.stringify(state, (_, value) => {
      if (value instanceof Set) return [...value];
      return value instanceof Map ? Object.fromEntries(value) : value;
    });
    const before = localStorage.getItem(PREFIX + uid);
    if (plain.length > MOST_CHARACTERS || before?.endsWith(`"state":${plain}}`)) return;
    localStorage.setItem(PREFIX + uid, `{"at":${Date.now()},"state":${plain}}`);
    if (before === null) forgetOldest();
  } catch {
    // A full or forbidden storage must not end anything.
  }
}

/** Keeps the fields as if they were new: they are not among the oldest then. */
export function renew(uid: string, state: Kept): void {
  try {
    localStorage.removeItem(PREFIX + uid);
  } catch {
    return;
  }
  keep(uid, state);
}

/** Whatever is done with a view may change its look: that is kept a moment later. */
export function keepAfterUse(root: HTMLElement, scope: Scope, keep: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, KEEP_MS);
  };
  for (const type of USES) scope.listen(root, type, later, { passive: true });
  window.addEventListener("pagehide", keep);
  scope.add(() => {
    window.removeEventListener("pagehide", keep);
    clearTimeout(timer);
    keep();
  });
}

function forgetOldest(): void {
  const ages: [number, string][] = [];
  for (let i = 0; i < localStorage.length; i++) {
    const key = localStorage.key(i) ?? "";
    if (!key.startsWith(PREFIX)) continue;
    const at = /^\{"at":(\d+)/.exec(localStorage.getItem(key) ?? "")?.[1];
    ages.push([Number(at ?? 0), key]);
  }
  ages.sort(([one], [other]) => other - one);
  for (const [, key] of ages.slice(MOST_RUNS)) localStorage.removeItem(key);
}

/** A value of the same kind as the usual one; undefined when it is of another. */
function alike(value: unknown, usual: unknown): unknown {
  if (usual instanceof Set) return isTexts(value) ? new Set(value) : undefined;
  if (usual instanceof Map) {
    const entries = isFields(value) ? Object.entries(value) : [["", null] as const];
    return entries.every(([, texts]) => isTexts(texts)) ? new Map(entries) : undefined;
  }
  if (Array.isArray(usual)) return isTexts(value) ? value : undefined;
  if (usual === null) return isRange(value) ? value : undefined;
  return typeof value === typeof usual ? value : undefined;
}

function isFields(value: unknown): value is Kept {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isRange(value: unknown): boolean {
  return (
    isFields(value) &&
    Number.isFinite(value.low) &&
    Number.isFinite(value.high) &&
    (value.low as number) < (value.high as number)
  );
}
