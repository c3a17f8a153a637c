/** The code that made a run: its cells in the order in which they ran, git's diff, packages. */
import { formatDuration, formatMoment } from "../chart";
import { type Change, readFile, textOf } from "../data";
import type { CellHead } from "../protocol";
import { diffView, lineDiff, numberedView, patchView } from "./diff";
import { h, matcher, Scope } from "./dom";
import { icon } from "./icons";
import { copyButton, trouble, wordsOf } from "./saving";
import type { Tab, TabContext } from "./tab";
import { searchField, selection } from "./tools";

const PARTS = [
  ["cells", "Cells"],
  ["changes", "Changes since the commit"],
  ["packages", "Packages"],
] as const;
type Part = (typeof PARTS)[number][0];

const PATCH = "diff.patch";
const PACKAGES = "requirements.txt";
const MOST_BYTES = 2 << 20;
/** Longer sources are shown in part. */
const MANY_LINES = 24;
const LOOK_AGAIN_S = 3;

export class CodeTab implements Tab {
  readonly element = h("div", { class: "nbt-code" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly search: HTMLElement;
  private readonly scope: Scope;
  private part: Part = "cells";
  private pattern: RegExp | null = null;
  private cells: CellHead[] | null = null;
  private readonly texts = new Map<string, string>();
  private failed = false;
  private asking = false;

  constructor(private readonly context: TabContext) {
    this.scope = new Scope(context.failed);
    this.search = searchField(this.scope, "Search code", "", (text) => {
      this.pattern = matcher(text);
      this.draw();
    });
    const parts = selection<Part>(this.scope, "Part of the code", PARTS, this.part, (part) => {
      this.part = part;
      void this.load();
    });
    this.tools.append(this.search, parts);
  }

  open(): () => void {
    this.scope.every(LOOK_AGAIN_S, () => {
      const goesOn = this.context.feed.store.run?.ended === null;
      if (this.part === "cells" && goesOn && this.cells && !this.failed) void this.load();
    });
    return () => this.scope.release();
  }

  /** What is kept at a run's end may be new. */
  update(change: Change): void {
    if (change.run && this.context.feed.store.run?.ended !== null) this.texts.clear();
  }

  shown(): void {
    void this.load();
  }

  count(): string {
    return this.cells && this.cells.length > 0 ? String(this.cells.length) : "";
  }

  private async load(): Promise<void> {
    if (this.asking || this.element.closest("[hidden]")) return;
    this.asking = true;
    try {
      if (this.part === "cells") await this.loadCells();
      else await this.loadText(this.part === "changes" ? PATCH : PACKAGES);
      this.failed = false;
    } catch (error) {
      this.failed = true;
      const again = this.context.feed.canAsk ? () => void this.load() : null;
      this.element.replaceChildren(
        trouble(`The code could not be fetched: ${wordsOf(error)}`, again),
      );
    }
    this.asking = false;
  }

  /** Asks for the cells that came; all answers together are all of them. */
  private async loadCells(): Promise<void> {
    const { feed } = this.context;
    const known = this.cells?.length ?? -1;
    const cells = this.cells ?? [];
    for (;;) {
      const { reply } = await feed.ask({ op: "cells", uid: feed.uid, first: cells.length });
      const some = reply.cells ?? [];
      cells.push(...some);
      if (some.length === 0 || cells.length >= (reply.total ?? 0)) break;
    }
    this.cells = cells;
    this.context.recount();
    if (cells.length !== known || this.failed || !this.element.hasChildNodes()) this.draw();
  }

  private async loadText(name: string): Promise<void> {
    const { feed } = this.context;
    if (!this.texts.has(name)) {
      const { reply } = await feed.ask({ op: "files", uid: feed.uid });
      const isThere = reply.files?.some((file) => file.name === name);
      const bytes = isThere ? await readFile(feed, name, MOST_BYTES) : null;
      this.texts.set(name, bytes ? textOf(bytes) : "");
    }
    this.draw();
  }

  private draw(): void {
    if (this.part === "cells") this.drawCells();
    else if (this.part === "changes") this.drawChanges(this.texts.get(PATCH) ?? "");
    else this.drawPackages(this.texts.get(PACKAGES) ?? "");
  }

  private drawCells(): void {
    const { pattern, cells } = this;
    const found = (cells ?? []).filter((cell) => !pattern || pattern.test(cell.source));
    if (found.length === 0) {
      const none = (cells ?? []).length > 0;
      this.empty(
        none ? "No cell matches" : "No cells yet",
        none ? "" : "Cells that run while the run is open stand here, in their order.",
      );
      return;
    }
    this.element.replaceChildren(...found.map((cell) => this.cell(cell)));
  }

  private drawChanges(patch: string): void {
    if (patch === "") {
      this.empty("No changes", "Nothing differed from the last commit, or git was not asked.");
      return;
    }
    this.element.replaceChildren(
      h(
        "div",
        { class: "nbt-code-head" },
        h("h3", {}, PATCH),
        copyButton(PATCH, () => patch),
      ),
      patchView("Changes since the last commit", patch),
    );
  }

  private drawPackages(text: string): void {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const found = lines.filter((line) => !this.pattern || this.pattern.test(line));
    if (found.length === 0) {
      this.empty(
        lines.length > 0 ? "No package matches" : "No packages",
        lines.length > 0 ? "" : "What was installed is noted while the run is open.",
      );
      return;
    }
    const words = `${found.length} packages`;
    this.element.replaceChildren(
      h(
        "div",
        { class: "nbt-code-head" },
        h("h3", {}, words),
        copyButton(PACKAGES, () => text),
      ),
      numberedView("Installed packages", found.join("\n")),
    );
  }

  private empty(title: string, words: string): void {
    const quiet = h("p", { class: "nbt-quiet" }, words);
    this.element.replaceChildren(
      h("div", { class: "nbt-empty" }, icon("code"), h("p", {}, title), quiet),
    );
  }

  // --- one cell ---------------------------------------------------------------------------

  private cell(cell: CellHead): HTMLElement {
    const body = h("div", {}, this.source(cell));
    const head = h(
      "div",
      { class: "nbt-code-head" },
      h("h3", {}, `[${cell.count ?? " "}]`),
      statusOf(cell),
      h("span", { class: "nbt-quiet" }, ...timesOf(cell)),
      this.differ(cell, body),
      copyButton(`cell ${cell.number + 1}`, () => cell.source),
    );
    const error = cell.error === "" ? null : h("p", { class: "nbt-cell-error" }, cell.error);
    const label = `Cell ${cell.number + 1}`;
    return h("section", { class: "nbt-cell", "aria-label": label }, head, body, error);
  }

  private source(cell: CellHead): HTMLElement {
    const label = `Source of cell ${cell.number + 1}`;
    const lines = cell.source.split("\n");
    if (lines.length <= MANY_LINES) return numberedView(label, cell.source);
    const part = numberedView(label, lines.slice(0, MANY_LINES - 4).join("\n"));
    const words = `Show all ${lines.length} lines`;
    const more = h("button", { type: "button", class: "nbt-button" }, words);
    const box = h("div", {}, part, more);
    more.addEventListener("click", () => box.replaceChildren(numberedView(label, cell.source)));
    return box;
  }

  /** A button that shows what differs from the cell's execution before; null where nothing does. */
  private differ(cell: CellHead, body: HTMLElement): HTMLElement | null {
    const before = previousOf(cell, this.cells ?? []);
    if (!before || before.source === cell.source) return null;
    const button = h(
      "button",
      { type: "button", class: "nbt-button", "aria-pressed": false },
      "Diff",
    );
    button.title = `What differs from [${before.count ?? " "}], when this cell ran before`;
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      const lines = lineDiff(before.source, cell.source);
      body.replaceChildren(on ? diffView("Differences", lines) : this.source(cell));
    });
    return button;
  }
}

/** The same cell when it ran before. Exported for tests. */
export function previousOf(cell: CellHead, cells: readonly CellHead[]): CellHead | undefined {
  if (cell.cell === null) return undefined;
  return cells.findLast((one) => one.number < cell.number && one.cell === cell.cell);
}

function statusOf({ status }: CellHead): HTMLElement {
  const good = status === "ok";
  const word = good ? "" : status === "before" ? "before the run" : status;
  const look = { class: "nbt-cell-status", "data-status": status, title: status };
  const sign = icon(good ? "check" : status === "error" ? "error" : "pending");
  return h("span", look, sign, h("span", {}, word));
}

function timesOf({ started, duration }: CellHead): string[] {
  if (started === null) return [];
  const took = duration < 60 ? `${duration.toFixed(1)} s` : formatDuration(duration);
  return [`${took} · ${formatMoment(started)}`];
}
