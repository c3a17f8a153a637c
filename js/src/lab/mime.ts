/**
 * Runs in the outputs of cells.
 *
 * A saved panel is on screen at once. When the output has a live widget too, whichever
 * answers first takes over: the kernel with its widget, or, while the kernel is busy or
 * gone, the server. Only one of them is ever shown.
 */

import type { INotebookTracker, NotebookPanel, SessionContext } from "@jupyterlab/notebook";
import type { MimeModel, Renderer, RenderMimeRegistry } from "@jupyterlab/rendermime";
import { Panel, Widget } from "@lumino/widgets";
import { EmbeddedSource, type Source } from "../data";
import { goesOn } from "../data/states";
import { FormatError, MIME_TYPE } from "../protocol";
import { Attempt, RANK, WIDGET } from "./attempt";
import { door, fetchBundle, serverSource } from "./connection";
import { Mounted } from "./mounted";
import { RunPanel } from "./run-panel";
import { trans } from "./translation";

/** A kernel that is free has answered by then. */
const PATIENCE_MS = 800;
const RETRY_MS = 1_500;
const HEIGHT_PX = 420;
/** A kernel that ends in order has put the final picture into its outputs by then. */
const FAREWELL_MS = 2_000;
const GONE: ReadonlySet<string> = new Set(["autorestarting", "restarting", "terminating", "dead"]);

/** Registers the renderer with every notebook that is open or opens. */
export function addSavedPanels(notebooks: INotebookTracker): void {
  const register = ({ content: { rendermime }, sessionContext }: NotebookPanel) => {
    rendermime.addFactory(
      {
        // Whatever a notebook says becomes text: it need not be trusted for that.
        safe: true,
        mimeTypes: [MIME_TYPE],
        createRenderer: () => new RunOutput(rendermime, sessionContext),
      },
      RANK,
    );
  };
  notebooks.forEach(register);
  notebooks.widgetAdded.connect((_, panel) => register(panel));
}

class RunOutput extends Panel implements Renderer {
  private saved: SavedPanel | null = null;
  private readonly attempt: Attempt;
  private shown: Renderer | null = null;
  private model: MimeModel | null = null;
  private retrying: ReturnType<typeof setTimeout> | undefined;

  constructor(
    rendermime: RenderMimeRegistry,
    private readonly session: SessionContext,
  ) {
    super();
    this.attempt = new Attempt(rendermime, this, (widget) => this.giveWay(widget));
    this.addClass("nbt-lab-output");
    session.statusChanged.connect(this.kernelTurned);
  }

  async renderModel(model: MimeModel): Promise<void> {
    this.rest();
    this.model = model;
    try {
      this.showSaved(model);
    } catch (error) {
      this.showTrouble(error);
      return;
    }
    if (model.data[WIDGET] !== undefined && model.trusted) this.wake(model);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.rest();
    this.session.statusChanged.disconnect(this.kernelTurned);
    super.dispose();
  }

  /** @throws FormatError when the notebook holds no panel that can be read. */
  private showSaved(model: MimeModel): SavedPanel {
    this.forget();
    const saved = new SavedPanel(EmbeddedSource.fromBundle(model.data[MIME_TYPE]));
    this.addWidget(saved);
    this.saved = saved;
    return saved;
  }

  /** A widget whose kernel was killed would stand there as if nothing had happened. */
  private readonly kernelTurned = (_: unknown, status: string): void => {
    const { model, shown } = this;
    if (!model || !shown || !GONE.has(status)) return;
    clearTimeout(this.retrying);
    this.retrying = setTimeout(async () => {
      if (!(await door.knows(uidOf(model))) || this.shown !== shown || this.isDisposed) return;
      this.goLive(model, this.showSaved(model));
    }, FAREWELL_MS);
  };

  private goLive(model: MimeModel, saved: SavedPanel): void {
    saved.goLive(() => void this.keep(model, saved));
  }

  /** Asks the kernel for its widget, and after a while the server, until one answers. */
  private wake(model: MimeModel): void {
    void this.attempt.begin(model);
    this.retrying = setTimeout(() => void this.retry(model), PATIENCE_MS);
  }

  private async retry(model: MimeModel): Promise<void> {
    const { saved } = this;
    if (saved && (await door.knows(saved.uid))) {
      // The widget may have come meanwhile, or another output.
      if (this.saved !== saved || this.isDisposed) return;
      this.rest();
      this.goLive(model, saved);
      return;
    }
    if (this.saved !== saved || !saved || this.isDisposed) return;
    void this.attempt.begin(model);
    this.retrying = setTimeout(() => void this.retry(model), RETRY_MS);
  }

  /**
   * Puts the final picture into the notebook. The kernel does so itself, but it does not reach
   * an output that was loaded from a file.
   */
  private async keep(model: MimeModel, saved: SavedPanel): Promise<void> {
    const data = await fetchBundle(saved.uid);
    if (data?.[MIME_TYPE] && this.saved === saved && !this.isDisposed) model.setData({ data });
  }

  private giveWay(widget: Renderer): void {
    this.rest();
    this.saved?.dispose();
    this.saved = null;
    this.shown = widget;
  }

  /** Ends the search for somebody who answers. */
  private rest(): void {
    clearTimeout(this.retrying);
    this.attempt.end();
  }

  private forget(): void {
    for (const widget of [...this.widgets]) widget.dispose();
    this.saved = null;
    this.shown = null;
  }

  private showTrouble(error: unknown): void {
    const words = error instanceof FormatError ? error.message : trans.__("it cannot be read");
    const trouble = new Widget();
    trouble.addClass("nbt-lab-saved-trouble");
    trouble.node.textContent = trans.__("nbtrack: this saved panel is not shown: %1.", words);
    this.addWidget(trouble);
  }
}

/** The panel as the notebook keeps it; it can go on with what the server has. */
class SavedPanel extends Mounted<RunPanel> {
  readonly uid: string;

  constructor(source: EmbeddedSource) {
    const { uid } = source.snapshot.run;
    super(new RunPanel({ uid, source, height: HEIGHT_PX }));
    this.uid = uid;
  }

  /** @param ended is called once, when the run has ended. */
  goLive(ended: () => void): void {
    this.view.use(untilItEnds(serverSource(), ended));
  }
}

function uidOf(model: MimeModel): string {
  return EmbeddedSource.fromBundle(model.data[MIME_TYPE]).snapshot.run.uid;
}

/** The same source, which tells once that its run has ended. */
function untilItEnds(source: Source, ended: () => void): Source {
  let told = false;
  return {
    live: true,
    send: (ask) => source.send(ask),
    open: (handlers) =>
      source.open({
        ...handlers,
        message: (news, bytes) => {
          handlers.message(news, bytes);
          if (told || !("run" in news) || !news.run || goesOn(news.run)) return;
          told = true;
          ended();
        },
      }),
  };
}
