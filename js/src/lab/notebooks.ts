/** Notebooks as the page knows them. */
import type { NotebookPanel } from "@jupyterlab/notebook";

/** What stands before the paths of notebooks that are edited together. */
const DRIVE = /^RTC:/;

/** Which runs a notebook made: by the names that it had, and by its kernel. */
export interface Makers {
  readonly notebook: readonly string[];
  readonly kernel: readonly string[];
}

/** The id of the kernel that a notebook has, as a list; none where it has none. */
export function kernelsOf({ sessionContext }: NotebookPanel): string[] {
  const { kernel } = sessionContext.session ?? {};
  return kernel ? [kernel.id] : [];
}

/** The path of a notebook below the server's root. */
export function pathOf({ context }: NotebookPanel): string {
  return context.path.replace(DRIVE, "");
}
