/**
 * Several runs in the outputs of cells, as the notebook keeps them; with a live widget in the
 * same output that takes over when the kernel answers. What draws them is loaded with the
 * first of them.
 */
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { MimeModel, Renderer, RenderMimeRegistry } from "@jupyterlab/rendermime";
import { Panel, Widget } from "@lumino/widgets";
import type { CompareView } from "../compare";
import { COMPARE_MIME_TYPE } from "../protocol";
import { Attempt, RANK, WIDGET } from "./attempt";
import { load } from "./chunks";
import { door } from "./connection";
import { Mounted } from "./mounted";
import { trans } from "./translation";

const RETRY_MS = 1_500;
const HEIGHT_PX = 560;
/** Runs that the server is asked for, one after the other, until it knows one. */
const MOST_ASKED = 8;
/** A live view that has drawn nothing by then has no charts to draw. */
const DRAWING_MS = 2_000;
const LOOK_MS = 40;
/** The tab in front; charts come when the kernel has drawn them. */
const SHOWN = ".nbt-panel:not([hidden])";
const CHARTS = ".nbt-charts";
const DRAWN = ".nbt-card:not([data-waiting]) canvas";
/** In the page and out of sight: only what is in the page is drawn. */
const COMING = "nbt-lab-coming";

type CompareModule = Awaited<ReturnType<typeof load<"comparison">>>;

/** Registers the renderer with every notebook that is open or opens. */
export function addSavedComparisons(notebooks: INotebookTracker): void {
  const register = ({ content: { rendermime } }: NotebookPanel) => {
    rendermime.addFactory(
      {
        // Whatever a notebook says becomes text: it need not be trusted for that.
        safe: true,
        mimeTypes: [COMPARE_MIME_TYPE],
        createRenderer: () => new CompareOutput(rendermime),
      },
      RANK,
    );
  };
  notebooks.forEach(register);
  notebooks.widgetAdded.connect((_, panel) => register(panel));
}

class CompareOutput extends Panel implements Renderer {
  private readonly attempt: Attempt;
  private saved: Widget | null = null;
  private retrying: ReturnType<typeof setInterval> | undefined;
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor(rendermime: RenderMimeRegistry) {
    super();
    this.attempt = new Attempt(rendermime, this, (widget) => this.giveWay(widget));
    this.addClass("nbt-lab-output");
  }

  async renderModel(model: MimeModel): Promise<void> {
    this.rest();
    const module = await load("comparison");
    if (this.isDisposed) return;
    for (const widget of [...this.widgets]) widget.dispose();
    const saved = shown(module, model.data[COMPARE_MIME_TYPE]);
    this.saved = saved;
    this.addWidget(saved);
    if (model.data[WIDGET] !== undefined && model.trusted) this.wake(model);
    else this.askServer();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.rest();
    super.dispose();
  }

  /** Asks the kernel for its widget until it answers; a busy one lets the server draw. */
  private wake(model: MimeModel): void {
    this.attempt.begin(model);
    this.retrying = setInterval(() => {
      this.attempt.begin(model);
      this.askServer();
    }, RETRY_MS);
  }

  private askServer(): void {
    if (this.saved instanceof SavedWidget) void this.saved.findServer();
  }

  /** Charts stay on the screen until the live view has drawn its own. */
  private giveWay(widget: Renderer): void {
    this.rest();
    widget.addClass(COMING);
    const end_ms = performance.now() + DRAWING_MS;
    this.looking = setInterval(() => {
      const shown = widget.node.querySelector(SHOWN);
      const waits = shown?.querySelector(CHARTS) && !shown.querySelector(DRAWN);
      if (waits && performance.now() < end_ms) return;
      clearInterval(this.looking);
      this.saved?.dispose();
      this.saved = null;
      widget.removeClass(COMING);
    }, LOOK_MS);
  }

  private rest(): void {
    clearInterval(this.retrying);
    clearInterval(this.looking);
    this.attempt.end();
  }
}

/** A comparison as the notebook keeps it; what it does not keep the server may know. */
class SavedWidget extends Mounted<CompareView> {
  private isAsked = false;

  constructor(
    view: CompareView,
    private readonly uids: readonly string[],
  ) {
    super(view);
  }

  /** Finds, once, whether the server has one of the runs. */
  async findServer(): Promise<void> {
    if (this.isAsked) return;
    this.isAsked = true;
    for (const uid of this.uids.slice(0, MOST_ASKED)) {
      if (!(await door.knows(uid))) continue;
      if (!this.isDisposed) this.view.answerBy(door, uid);
      return;
    }
  }
}

/** A comparison as the notebook keeps it, or why it cannot be shown. */
function shown({ CompareView, SavedComparison }: CompareModule, data: unknown): Widget {
  try {
    const saved = SavedComparison.fromBundle(data);
    const { uid, order } = saved.comparison;
    const view = new CompareView({ uid, source: saved, saved, height: HEIGHT_PX });
    return new SavedWidget(view, order);
  } catch (error) {
    const words = isFormatError(error) ? String(error) : "";
    const trouble = new Widget();
    trouble.addClass("nbt-lab-saved-trouble");
    trouble.node.textContent = trans.__("nbtrack: this saved comparison is not shown. %1", words);
    return trouble;
  }
}

/** One of the other module's own class. */
function isFormatError(error: unknown): boolean {
  return error instanceof Error && error.name === "FormatError";
}
