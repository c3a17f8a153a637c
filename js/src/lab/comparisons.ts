/**
 * Several runs in the outputs of cells, as the notebook keeps them; with a live widget in the
 * same output that takes over when the kernel answers. What draws them is loaded with the
 * first of them.
 */
import type { INotebookTracker, NotebookPanel, SessionContext } from "@jupyterlab/notebook";
import type { MimeModel, Renderer, RenderMimeRegistry } from "@jupyterlab/rendermime";
import { Panel, Widget } from "@lumino/widgets";
import type { CompareView, SavedComparison } from "../compare";
import { COMPARE_MIME_TYPE } from "../protocol";
import { Attempt, RANK, WIDGET } from "./attempt";
import { load } from "./chunks";
import { ComparedSource } from "./compared";
import { door, serverSource } from "./connection";
import { Mounted } from "./mounted";
import { trans } from "./translation";

const RETRY_MS = 1_500;
/** A widget that is there and has not drawn by then may never draw. */
const PATIENCE_MS = 1_500;
/** A kernel that ends in order has put the final picture into its outputs by then. */
const FAREWELL_MS = 2_000;
const GONE: ReadonlySet<string> = new Set(["autorestarting", "restarting", "terminating", "dead"]);
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
  const register = ({ content: { rendermime }, sessionContext }: NotebookPanel) => {
    rendermime.addFactory(
      {
        // Whatever a notebook says becomes text: it need not be trusted for that.
        safe: true,
        mimeTypes: [COMPARE_MIME_TYPE],
        createRenderer: () => new CompareOutput(rendermime, sessionContext),
      },
      RANK,
    );
  };
  notebooks.forEach(register);
  notebooks.widgetAdded.connect((_, panel) => register(panel));
}

class CompareOutput extends Panel implements Renderer {
  private readonly attempt: Attempt;
  /** What is on the screen until something else has drawn. */
  private shown: Widget | null = null;
  private model: MimeModel | null = null;
  private isLive = false;
  private retrying: ReturnType<typeof setInterval> | undefined;
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor(
    rendermime: RenderMimeRegistry,
    private readonly session: SessionContext,
  ) {
    super();
    this.attempt = new Attempt(rendermime, this, (widget) => this.goLive(widget));
    this.addClass("nbt-lab-output");
    session.statusChanged.connect(this.kernelTurned);
  }

  async renderModel(model: MimeModel): Promise<void> {
    this.rest();
    this.clear();
    this.model = model;
    const isAsked = model.data[WIDGET] !== undefined && model.trusted;
    // A widget that is there draws as soon as what the notebook keeps would.
    const comes = isAsked && (await this.attempt.begin(model));
    if (this.isDisposed || this.model !== model || this.shown) return;
    if (comes) this.retrying = setInterval(() => void this.showSaved(model), PATIENCE_MS);
    else await this.showSaved(model);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.rest();
    this.session.statusChanged.disconnect(this.kernelTurned);
    super.dispose();
  }

  /** Shows what the notebook keeps, and goes on looking for somebody who answers. */
  private async showSaved(model: MimeModel): Promise<void> {
    clearInterval(this.retrying);
    const module = await load("comparison");
    if (this.isDisposed || this.model !== model || this.shown) return;
    this.shown = shown(module, model.data[COMPARE_MIME_TYPE]);
    this.addWidget(this.shown);
    if (model.data[WIDGET] !== undefined && model.trusted) this.wake(model);
    else this.askServer();
  }

  /** Asks the kernel for its widget until it answers; a busy one lets the server draw. */
  private wake(model: MimeModel): void {
    void this.attempt.begin(model);
    this.retrying = setInterval(() => {
      void this.attempt.begin(model);
      this.askServer();
    }, RETRY_MS);
  }

  private askServer(): void {
    if (this.shown instanceof SavedWidget) void this.shown.findServer();
  }

  private goLive(widget: Renderer): void {
    this.rest();
    this.isLive = true;
    this.replace(widget);
  }

  /** A widget whose kernel was killed would stand there as if its runs went on. */
  private readonly kernelTurned = (_: unknown, status: string): void => {
    const { model, shown } = this;
    if (!model || !this.isLive || !GONE.has(status)) return;
    clearInterval(this.retrying);
    this.retrying = setTimeout(() => {
      if (this.shown === shown && !this.isDisposed) void this.goOnWithout(model);
    }, FAREWELL_MS);
  };

  /** The server knows how the runs stand, if it has them; else what the notebook keeps is true. */
  private async goOnWithout(model: MimeModel): Promise<void> {
    const module = await load("comparison");
    const before = this.shown;
    const saved = savedOf(module, model);
    const known = saved && (await firstKnown(saved.comparison.order));
    if (this.isDisposed || this.model !== model || this.shown !== before) return;
    this.isLive = false;
    const widget = known
      ? new Mounted(ofServer(module, saved))
      : shown(module, model.data[COMPARE_MIME_TYPE]);
    this.addWidget(widget);
    this.replace(widget);
  }

  /** Charts stay on the screen until what comes has drawn its own. */
  private replace(widget: Widget): void {
    const before = this.shown;
    this.shown = widget;
    if (!before) return;
    widget.addClass(COMING);
    const end_ms = performance.now() + DRAWING_MS;
    clearInterval(this.looking);
    this.looking = setInterval(() => {
      const tab = widget.node.querySelector(SHOWN);
      const waits = !tab || (tab.querySelector(CHARTS) && !tab.querySelector(DRAWN));
      if (waits && performance.now() < end_ms) return;
      clearInterval(this.looking);
      before.dispose();
      widget.removeClass(COMING);
    }, LOOK_MS);
  }

  private clear(): void {
    for (const widget of [...this.widgets]) widget.dispose();
    this.shown = null;
    this.isLive = false;
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
    const uid = await firstKnown(this.uids);
    if (uid !== undefined && !this.isDisposed) this.view.answerBy(door, uid);
  }
}

/** The first of some runs that the server has. */
async function firstKnown(uids: readonly string[]): Promise<string | undefined> {
  for (const uid of uids.slice(0, MOST_ASKED)) if (await door.knows(uid)) return uid;
  return undefined;
}

/** The same runs as the server knows them. */
function ofServer({ CompareView }: CompareModule, { comparison }: SavedComparison): CompareView {
  const { uid, order, total } = comparison;
  const source = new ComparedSource(serverSource(), uid, order);
  const origin =
    order.length < total
      ? trans.__("its kernel is gone: the newest of %1 runs, drawn from the store", total)
      : trans.__("its kernel is gone: drawn from the store");
  return new CompareView({ uid, source, saved: null, height: HEIGHT_PX, origin });
}

function savedOf({ SavedComparison }: CompareModule, model: MimeModel): SavedComparison | null {
  try {
    return SavedComparison.fromBundle(model.data[COMPARE_MIME_TYPE]);
  } catch {
    // Whoever shows it says why.
    return null;
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
