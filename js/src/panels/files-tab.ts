/** The files of a run: what there is, how large it is, a look at it, and the way to keep it. */
import { formatMoment } from "../chart";
import { type Change, readFile } from "../data";
import type { FileHead } from "../protocol";
import { h, Scope, setText } from "./dom";
import { sizeOf } from "./facts";
import { icon } from "./icons";
import { needed, preview } from "./preview";
import { saveAs, trouble, wordsOf } from "./saving";
import { focusIn } from "./staying";
import type { Tab, TabContext } from "./tab";
import { iconButton } from "./tools";

/** With no more files than this all folders are open. */
const FEW_FILES = 40;
/** A browser holds a download in memory. */
const MOST_DOWNLOAD = 1 << 30;

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: FileHead[];
  size: number;
}

/** What rows of files and folders tell of. */
interface Tree {
  opener(file: FileHead): HTMLElement;
  turn(name: string, open: boolean): void;
}

export class FilesTab implements Tab, Tree {
  readonly element: HTMLElement;
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly tree = h("nav", { class: "nbt-tree", "aria-label": "Files" });
  private readonly preview = h("section", { class: "nbt-preview", "aria-label": "Preview" });
  private readonly refreshButton = h(
    "button",
    {
      type: "button",
      class: "nbt-mini",
      title: "Look again",
      "aria-label": "Look for files again",
    },
    icon("reconnecting"),
  );
  private readonly scope: Scope;
  private free: () => void = () => {};
  private files: readonly FileHead[] | null = null;
  private total = 0;
  private chosen = "";
  private state = "";
  /** Folders that somebody opened or closed, by name. */
  private readonly turned = new Map<string, boolean>();

  constructor(private readonly context: TabContext) {
    this.scope = new Scope(context.failed);
    this.element = h("div", { class: "nbt-files" }, this.tree, this.preview);
  }

  open(): () => void {
    this.scope.listen(this.refreshButton, "click", () => void this.load());
    this.scope.add(() => this.free());
    return () => this.scope.release();
  }

  /** Files come at the end of a run, too. */
  update(change: Change): void {
    const state = this.context.feed.store.run?.state ?? "";
    if (!change.run || state === this.state) return;
    this.state = state;
    this.files = null;
    this.shown();
  }

  shown(): void {
    if (this.files === null && !this.element.closest("[hidden]")) void this.load();
  }

  count(): string {
    return this.files && this.total > 0 ? String(this.total) : "";
  }

  private async load(): Promise<void> {
    const { feed } = this.context;
    this.files = [];
    const focused = focusIn(this.tree);
    this.refreshButton.disabled = true;
    try {
      const { reply } = await feed.ask({ op: "files", uid: feed.uid });
      this.files = reply.files ?? [];
      this.total = reply.total ?? this.files.length;
      this.draw();
    } catch (error) {
      this.element.dataset.open = "none";
      const words = `The files could not be listed: ${wordsOf(error)}`;
      this.tree.replaceChildren(trouble(words, feed.canAsk ? () => void this.load() : null));
    }
    this.refreshButton.disabled = false;
    if (focused) this.focusAgain(focused);
  }

  /** The tree may be another one by now. */
  private focusAgain(focused: HTMLElement): void {
    if (focusIn(this.element)) return;
    const { key } = focused.dataset;
    const places = [...this.tree.querySelectorAll<HTMLElement>("[data-key]")];
    const again = places.find((one) => one.dataset.key === key) ?? this.refreshButton;
    again.focus({ preventScroll: true });
  }

  private draw(): void {
    this.context.recount();
    const files = this.files ?? [];
    this.element.dataset.open = files.length === 0 ? "none" : this.chosen === "" ? "tree" : "file";
    if (files.length === 0) {
      this.tree.replaceChildren(
        h(
          "div",
          { class: "nbt-empty" },
          icon("folder"),
          h("p", {}, "No files yet"),
          h(
            "p",
            { class: "nbt-quiet" },
            'Keep one with run.save("model.pt"), or the code with run.log_code().',
          ),
        ),
      );
      return;
    }
    const folder = treeOf(files);
    const all = this.total > files.length ? `The first ${files.length}` : String(files.length);
    const words = `${all} ${files.length === 1 ? "file" : "files"}, ${sizeOf(folder.size)}`;
    this.tree.replaceChildren(
      h("div", { class: "nbt-tree-head" }, h("span", {}, words), this.refreshButton),
      listOf(folder, "", (name) => this.turned.get(name) ?? files.length <= FEW_FILES, this),
    );
    this.markChosen();
    if (this.chosen === "" && !this.preview.hasChildNodes()) {
      this.preview.replaceChildren(h("p", { class: "nbt-quiet" }, "Choose a file to look at it."));
    }
  }

  /** Keeps whether a folder is open: the list comes anew when the run has ended. */
  turn(name: string, open: boolean): void {
    this.turned.set(name, open);
  }

  opener(file: FileHead): HTMLElement {
    const button = h(
      "button",
      { type: "button", class: "nbt-file", title: `${file.name}\n${formatMoment(file.time)}` },
      icon("file"),
      h("span", { class: "nbt-file-name" }, file.name.slice(file.name.lastIndexOf("/") + 1)),
      h("span", { class: "nbt-file-size" }, sizeOf(file.size)),
    );
    button.dataset.name = file.name;
    button.dataset.key = file.name;
    button.addEventListener("click", () => void this.look(file));
    return button;
  }

  private markChosen(): void {
    for (const button of this.tree.querySelectorAll<HTMLElement>(".nbt-file")) {
      button.setAttribute("aria-current", String(button.dataset.name === this.chosen));
    }
  }

  private async look(file: FileHead): Promise<void> {
    const { feed, say } = this.context;
    this.chosen = file.name;
    this.markChosen();
    this.element.dataset.open = "file";
    const body = h(
      "div",
      { class: "nbt-preview-body" },
      h("p", { class: "nbt-quiet" }, "Fetching …"),
    );
    this.free();
    this.free = () => {};
    this.preview.replaceChildren(this.head(file), body);
    try {
      const bytes = await readFile(feed, file.name, needed(file.name));
      if (this.chosen !== file.name || !bytes) return;
      body.replaceChildren(...preview(file.name, bytes, (free) => this.keep(free)));
      say(`Preview of ${file.name}`);
    } catch (error) {
      if (this.chosen !== file.name) return;
      body.replaceChildren(trouble(wordsOf(error), () => void this.look(file)));
    }
  }

  private keep(free: () => void): void {
    this.free = free;
  }

  private head(file: FileHead): HTMLElement {
    const back = iconButton("chevron", "All files");
    back.classList.add("nbt-back");
    back.addEventListener("click", () => this.goBack(file));
    const words = h("span", { class: "nbt-quiet" }, sizeOf(file.size));
    const download = iconButton("download", "Download");
    download.addEventListener("click", () => void this.download(file, download, words));
    const name = h("h3", { title: file.name }, file.name);
    return h("div", { class: "nbt-preview-head" }, back, name, words, download);
  }

  private goBack(file: FileHead): void {
    this.element.dataset.open = "tree";
    for (const button of this.tree.querySelectorAll<HTMLElement>(".nbt-file")) {
      if (button.dataset.name === file.name) button.focus();
    }
  }

  private async download(
    file: FileHead,
    button: HTMLButtonElement,
    words: HTMLElement,
  ): Promise<void> {
    button.disabled = true;
    try {
      const bytes = await readFile(this.context.feed, file.name, MOST_DOWNLOAD, (share) => {
        setText(words, `${Math.floor(100 * share)} %`);
        return words.isConnected;
      });
      if (bytes && bytes.size > MOST_DOWNLOAD) {
        throw new Error(
          `a browser holds ${sizeOf(MOST_DOWNLOAD)} at most. Type run.file(…).download().`,
        );
      }
      const name = file.name.slice(file.name.lastIndexOf("/") + 1);
      if (bytes) saveAs(name, [...bytes.parts], "application/octet-stream");
      setText(words, sizeOf(file.size));
    } catch (error) {
      words.replaceChildren(trouble(`Not saved: ${wordsOf(error)}`, null));
    }
    button.disabled = false;
  }
}

function treeOf(files: readonly FileHead[]): Folder {
  const root: Folder = { folders: new Map(), files: [], size: 0 };
  for (const file of files) {
    let folder = root;
    for (const part of file.name.split("/").slice(0, -1)) {
      folder.size += file.size;
      const below = folder.folders.get(part) ?? { folders: new Map(), files: [], size: 0 };
      folder.folders.set(part, below);
      folder = below;
    }
    folder.size += file.size;
    folder.files.push(file);
  }
  return root;
}

/** What is in a folder; what is in the folders below is made when they are opened. */
function listOf(
  folder: Folder,
  name: string,
  isOpen: (name: string) => boolean,
  tree: Tree,
): HTMLElement {
  const below = [...folder.folders].map(([part, inside]) =>
    folderOf(part, `${name}${part}/`, inside, isOpen, tree),
  );
  return h("ul", {}, ...below, ...folder.files.map((file) => h("li", {}, tree.opener(file))));
}

function folderOf(
  word: string,
  name: string,
  folder: Folder,
  isOpen: (name: string) => boolean,
  tree: Tree,
): HTMLElement {
  const item = h("li");
  const button = h(
    "button",
    { type: "button", class: "nbt-folder", "aria-expanded": false, title: name, "data-key": name },
    icon("chevron"),
    icon("folder"),
    h("span", { class: "nbt-file-name" }, word),
    h("span", { class: "nbt-file-size" }, sizeOf(folder.size)),
  );
  const turn = (open: boolean) => {
    button.setAttribute("aria-expanded", String(open));
    if (open) item.append(listOf(folder, name, isOpen, tree));
    else item.lastElementChild?.remove();
  };
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    tree.turn(name, open);
    turn(open);
  });
  item.append(button);
  if (isOpen(name)) turn(true);
  return item;
}
