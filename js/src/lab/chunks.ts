/** Parts of the extension that are loaded when they are needed first. */
import type { CompareView, SavedComparison } from "../compare";
import type { RunView } from "../panels";
import type { Sidebar } from "./sidebar";
import type { RunsTable } from "./table";

/** Where this extension was loaded from; the container says it. */
declare const nbtrackBase: string;

interface Chunks {
  readonly comparison: {
    readonly CompareView: typeof CompareView;
    readonly SavedComparison: typeof SavedComparison;
  };
  readonly panel: { readonly RunView: typeof RunView };
  readonly sidebar: { readonly Sidebar: typeof Sidebar };
  readonly table: { readonly RunsTable: typeof RunsTable };
}

export type Chunk<Name extends keyof Chunks> = Chunks[Name];

const loading = new Map<keyof Chunks, Promise<unknown>>();

/** The module of a name; one that could not be loaded is tried again by the next who asks. */
export function load<Name extends keyof Chunks>(name: Name): Promise<Chunks[Name]> {
  let module = loading.get(name) as Promise<Chunks[Name]> | undefined;
  if (!module) {
    const url = nbtrackBase.replace(/remoteEntry(?=[^/]*$)/, name);
    module = import(url) as Promise<Chunks[Name]>;
    loading.set(name, module);
    module.catch(() => loading.delete(name));
  }
  return module;
}
