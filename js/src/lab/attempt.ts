/** Looking for the live widget of an output, which its kernel may or may not answer for. */
import type { MimeModel, Renderer, RenderMimeRegistry } from "@jupyterlab/rendermime";
import type { Panel } from "@lumino/widgets";

export const WIDGET = "application/vnd.jupyter.widget-view+json";
/** Before the widget's own renderer, which has -10. */
export const RANK = -50;
const LOOK_MS = 40;
/** Who has the widget answers by then: a page without a kernel may wait for ever. */
const SOON_MS = 300;

/** A renderer looks for its model once: a new one is made for each try, hidden until it draws. */
export class Attempt {
  private renderer: Renderer | null = null;
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly rendermime: RenderMimeRegistry,
    private readonly output: Panel,
    /** Called once, with the widget on the screen. */
    private readonly found: (widget: Renderer) => void,
  ) {}

  /**
   * Tries, in place of the try before; nothing where there are no widgets.
   *
   * Returns, soon, whether the widget is there and is about to draw.
   */
  async begin(model: MimeModel): Promise<boolean> {
    this.end();
    if (!this.rendermime.getFactory(WIDGET)) return false;
    const renderer = this.rendermime.createRenderer(WIDGET);
    renderer.hide();
    this.renderer = renderer;
    this.output.addWidget(renderer);
    const asked = renderer.renderModel(model).catch(() => {});
    this.looking = setInterval(() => this.look(renderer), LOOK_MS);
    await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, SOON_MS))]);
    // What stands there instead of a widget is text.
    return !renderer.isDisposed && renderer.node.firstElementChild !== null;
  }

  /** Tries no more. */
  end(): void {
    clearInterval(this.looking);
    this.renderer?.dispose();
    this.renderer = null;
  }

  private look(renderer: Renderer): void {
    if (!renderer.node.querySelector(".nbt")) return;
    clearInterval(this.looking);
    this.renderer = null;
    this.found(renderer);
    renderer.show();
  }
}
