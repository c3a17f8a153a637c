/** The panel of a run, whose code is loaded with the first of them. */
import type { Source } from "../data";
import type { RunView, RunViewOptions } from "../panels";
import { load } from "./chunks";
import { trans } from "./translation";

export class RunPanel {
  private view: RunView | null = null;
  /** What it goes on with, in place of its first source. */
  private source: Source | null = null;

  constructor(private readonly options: RunViewOptions) {}

  /** Goes on with another source, say a live one after a saved one. */
  use(source: Source): void {
    this.source = source;
    this.view?.use(source);
  }

  /** Shows itself inside `host`. Returns the function that ends it. */
  mount(host: HTMLElement): () => void {
    let [isThere, free] = [true, () => {}];
    const show = ({ RunView: View }: { readonly RunView: typeof RunView }) => {
      if (!isThere) return;
      this.view ??= new View(this.options);
      free = this.view.mount(host);
      if (this.source) this.view.use(this.source);
    };
    load("panel").then(show, () => {
      host.textContent = trans.__("nbtrack's panel could not be loaded. Reload the page.");
    });
    return () => {
      isThere = false;
      free();
    };
  }
}
