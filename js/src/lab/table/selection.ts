/** Which runs are chosen: by their keys, so that a new order changes nothing of it. */

/** Id of the workspace, `/`, uid. */
export type RunKey = string;

export function keyOf(run: { readonly workspace: string; readonly uid: string }): RunKey {
  return `${run.workspace}/${run.uid}`;
}

export function uidOf(key: RunKey): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

export function workspaceOf(key: RunKey): string {
  return key.slice(0, key.lastIndexOf("/"));
}

/** Runs by where they lie, the workspace with the most of them first. */
export function byWorkspace(keys: readonly RunKey[]): RunKey[][] {
  const homes = new Map<string, RunKey[]>();
  for (const key of keys) {
    const home = homes.get(workspaceOf(key)) ?? [];
    home.push(key);
    homes.set(workspaceOf(key), home);
  }
  return [...homes.values()].sort((one, other) => other.length - one.length);
}

export class Selection {
  private readonly keys = new Set<RunKey>();

  constructor(private readonly changed: () => void) {}

  get size(): number {
    return this.keys.size;
  }

  has(key: RunKey): boolean {
    return this.keys.has(key);
  }

  all(): RunKey[] {
    return [...this.keys];
  }

  toggle(key: RunKey): void {
    if (!this.keys.delete(key)) this.keys.add(key);
    this.changed();
  }

  add(keys: Iterable<RunKey>): void {
    for (const key of keys) this.keys.add(key);
    this.changed();
  }

  clear(): void {
    if (this.keys.size === 0) return;
    this.keys.clear();
    this.changed();
  }

  /** Forgets runs that are gone. */
  forget(keys: Iterable<RunKey>): void {
    let some = false;
    for (const key of keys) some = this.keys.delete(key) || some;
    if (some) this.changed();
  }
}
