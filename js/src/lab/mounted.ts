/** A view in a widget: there while the widget is in the page, and freed with it. */
import { Widget } from "@lumino/widgets";

interface View {
  /** Shows itself inside `host`. Returns the function that ends it. */
  mount(host: HTMLElement): () => void;
}

export class Mounted<V extends View> extends Widget {
  private free: () => void = () => {};

  constructor(protected readonly view: V) {
    super();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.free();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.free = this.view.mount(this.node);
  }

  protected override onBeforeDetach(): void {
    this.free();
    this.free = () => {};
  }
}
