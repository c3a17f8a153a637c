/** Notebooks as the page knows them. */
import type { NotebookPanel } from "@jupyterlab/notebook";

/** What stands before the paths of notebooks that are edited together. */
const DRIVE = /^RTC:/;

/** The path of a notebook below the server's root. */
export function pathOf({ context }: NotebookPanel): string {
  return context.path.replace(DRIVE, "");
}
