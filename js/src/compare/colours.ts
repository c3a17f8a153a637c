/** Which colour and which dashes each run has. */

/** Six hues, four kinds of dashes: as many runs can be told apart. */
export const HUES = 6;
export const SLOTS = 4 * HUES;

/**
 * Gives every run a number of colour and dashes: the one that its uid says, or, where an
 * older run has that one, the next. So a run keeps its colour when others come, and six runs
 * have six colours.
 *
 * @param uids oldest first.
 */
export function slotsOf(uids: readonly string[]): ReadonlyMap<string, number> {
  const slots = new Map<string, number>();
  let taken = new Set<number>();
  for (const uid of uids) {
    if (taken.size === SLOTS) taken = new Set();
    const slot = free(hashOf(uid) % HUES, taken);
    taken.add(slot);
    slots.set(uid, slot);
  }
  return slots;
}

function free(hue: number, taken: ReadonlySet<number>): number {
  for (let dash = 0; dash < SLOTS; dash += HUES) {
    for (let i = 0; i < HUES; i++) {
      const slot = dash + ((hue + i) % HUES);
      if (!taken.has(slot)) return slot;
    }
  }
  return hue;
}

/** FNV-1a: spreads texts that differ in their last letters only. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
