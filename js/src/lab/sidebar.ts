/** The list of runs: searched, grouped by project, live. Knows nothing of JupyterLab. */
import type { Source } from "../data";
import { h, icon, setText } from "../panels";
import type { RunRow } from "../protocol";
import { arrange } from "./arrange";
import { Row } from "./row";
import { type Group, Runs } from "./runs";

/** So many rows are drawn at first; the button below them draws as many again. */
const ROWS = 200;
const TICK_MS = 1_000;
/** A short break of the line, as at a server's restart, is not worth words. */
const PATIENCE_MS = 1_500;

const EXAMPLE = 'import nbtrack\nrun = nbtrack.init()\nrun.log({"loss": 0.5})';

export interface SidebarOptions {
  /** Where the list comes from; asked for each time that the sidebar is shown. */
  readonly source: () => Source;
  readonly open: (run: RunRow) => void;
  /** Why the server does not answer, in words. */
  readonly explain: () => Promise<string>;
}

interface Section {
  readonly element: HTMLElement;
  readonly header: HTMLButtonElement;
  readonly count: HTMLElement;
  readonly list: HTMLElement;
}

export class Sidebar {
  readonly element: HTMLElement = h("div", { class: "nbt-lab" });
  private readonly badge = h("span", { class: "nbt-lab-badge" });
  private readonly search = h("input", { class: "nbt-lab-search" });
  private readonly trouble = h("div", { class: "nbt-lab-trouble" });
  private readonly body = h("div", { class: "nbt-lab-body" });
  private readonly more = h("button", { class: "nbt-lab-link nbt-lab-more" });
  private readonly nothing = h("div", { class: "nbt-lab-nothing" });
  private readonly runs = new Runs();
  private readonly rows = new Map<string, Row>();
  private readonly sections = new Map<string, Section>();
  private readonly folded = new Set<string>();
  private marked: string | null = null;
  private limit = ROWS;
  private heard = false;
  private close: (() => void) | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;

  constructor(private readonly options: SidebarOptions) {
    const title = h("h2", { class: "nbt-lab-title" }, "Runs");
    this.element.append(
      h("div", { class: "nbt-lab-head" }, title, this.badge),
      h("label", { class: "nbt-lab-search-box" }, icon("search"), this.search),
      this.trouble,
      this.body,
    );
    this.search.type = "search";
    this.search.placeholder = "Search name or project";
    this.search.setAttribute("aria-label", "Search runs by name or project (regular expression)");
    this.search.spellcheck = false;
    this.search.addEventListener("input", () => {
      this.limit = ROWS;
      this.draw();
    });
    this.trouble.setAttribute("role", "status");
    this.trouble.hidden = true;
    this.badge.hidden = true;
    this.more.type = "button";
    this.more.addEventListener("click", () => {
      this.limit += ROWS;
      this.draw();
    });
    this.body.addEventListener("keydown", (event) => this.rove(event));
    this.body.addEventListener("focusin", (event) => this.makeTabStop(event.target));
  }

  /** Begins to listen; what was shown before stays until the server answers. */
  resume(): void {
    if (this.close) return;
    const source = this.options.source();
    this.close = source.open({
      connected: () => {
        source.send({ op: "watch" }).then(
          () => this.well(),
          (error: Error) => this.say(error.message),
        );
      },
      lost: () => this.lost(),
      message: (news) => {
        if (news.op !== "runs") return;
        this.heard = true;
        this.well();
        this.runs.apply(news);
        this.drawSoon();
      },
    });
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.draw();
  }

  /** Listens no more: a hidden list costs nothing. */
  pause(): void {
    this.close?.();
    this.close = null;
    clearInterval(this.timer);
    clearTimeout(this.patience);
    this.patience = undefined;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  focus(): void {
    this.search.focus();
  }

  /** Shows what meets a search, as if somebody had typed it. */
  seek(pattern: string): void {
    this.search.value = pattern;
    this.search.dispatchEvent(new Event("input"));
  }

  /** Marks the run that the main area shows. */
  mark(uid: string | null): void {
    this.marked = uid;
    for (const [each, row] of this.rows) row.mark(each === uid);
  }

  private drawSoon(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const search = this.search.value;
    const open = this.runs.openCount;
    this.badge.hidden = open === 0;
    setText(this.badge, `${open} open`);
    const groups = this.runs.groups(search);
    const nodes: Node[] = this.drawGroups(groups);
    if (groups.length === 0) nodes.push(this.drawNothing(search));
    arrange(this.body, nodes);
    this.forget();
    this.keepOneTabStop();
  }

  private drawGroups(groups: readonly Group[]): Node[] {
    const now = Date.now() / 1000;
    let left = this.limit;
    let hidden = 0;
    const nodes: Node[] = [];
    for (const group of groups) {
      const folded = this.folded.has(group.project);
      const shown = folded ? [] : group.runs.slice(0, left);
      if (!folded) hidden += group.runs.length - shown.length;
      left -= shown.length;
      if (folded || shown.length > 0) nodes.push(this.drawGroup(group, shown, folded, now));
    }
    if (hidden > 0) {
      setText(this.more, `Show more (${hidden.toLocaleString()})`);
      nodes.push(this.more);
    }
    return nodes;
  }

  private drawGroup(group: Group, shown: readonly RunRow[], folded: boolean, now: number): Node {
    const section = this.sections.get(group.project) ?? this.newSection(group.project);
    section.header.setAttribute("aria-expanded", String(!folded));
    setText(section.count, group.runs.length.toLocaleString());
    arrange(
      section.list,
      shown.map((run) => {
        const row = this.rows.get(run.uid) ?? this.newRow(run.uid);
        row.show(run, now);
        return row.element;
      }),
    );
    return section.element;
  }

  private newRow(uid: string): Row {
    const row = new Row(this.options.open);
    row.mark(uid === this.marked);
    this.rows.set(uid, row);
    return row;
  }

  private newSection(project: string): Section {
    const name = h("span", { class: "nbt-lab-project" }, project);
    const count = h("span", { class: "nbt-lab-count" });
    const header = h("button", { class: "nbt-lab-group" }, name, count);
    const list = h("ul", { class: "nbt-lab-list" });
    const section = { element: h("section", {}, header, list), header, count, list };
    header.type = "button";
    header.dataset.rove = "";
    header.tabIndex = -1;
    header.title = project;
    header.addEventListener("click", () => this.fold(project, !this.folded.has(project)));
    list.setAttribute("role", "list");
    list.setAttribute("aria-label", `Runs of project ${project}`);
    this.sections.set(project, section);
    return section;
  }

  private fold(project: string, folded: boolean): void {
    if (folded) this.folded.add(project);
    else this.folded.delete(project);
    this.draw();
  }

  /** Rows that are no longer on screen are built anew when they come back. */
  private forget(): void {
    for (const [uid, row] of this.rows) {
      if (!this.body.contains(row.element)) this.rows.delete(uid);
    }
    for (const [project, section] of this.sections) {
      if (!this.body.contains(section.element)) this.sections.delete(project);
    }
  }

  private drawNothing(search: string): Node {
    const kind = !this.heard ? "waiting" : search.trim() !== "" ? "no match" : "empty";
    if (this.nothing.dataset.kind === kind) return this.nothing;
    this.nothing.dataset.kind = kind;
    if (kind === "waiting") this.nothing.replaceChildren(h("p", {}, "Looking for runs …"));
    if (kind === "no match") {
      this.nothing.replaceChildren(h("p", {}, "No run or project has a name like this."));
    }
    if (kind === "empty") this.nothing.replaceChildren(...emptyState());
    return this.nothing;
  }

  private tick(): void {
    const now = Date.now() / 1000;
    for (const row of this.rows.values()) row.tick(now);
  }

  private well(): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    this.trouble.hidden = true;
  }

  private lost(): void {
    if (this.patience !== undefined) return;
    this.patience = setTimeout(() => {
      this.options.explain().then((words) => {
        if (this.patience !== undefined) this.say(words);
        this.patience = undefined;
      });
    }, PATIENCE_MS);
  }

  private say(words: string): void {
    this.trouble.hidden = false;
    setText(this.trouble, words);
  }

  private stops(): HTMLElement[] {
    return [...this.body.querySelectorAll<HTMLElement>("[data-rove]")];
  }

  private keepOneTabStop(): void {
    const stops = this.stops();
    if (!stops.some((stop) => stop.tabIndex === 0)) this.makeTabStop(stops[0] ?? null);
  }

  private makeTabStop(target: EventTarget | null): void {
    if (!(target instanceof HTMLElement) || target.dataset.rove === undefined) return;
    for (const stop of this.stops()) stop.tabIndex = stop === target ? 0 : -1;
  }

  /** Arrow keys, Home and End go through projects and runs; left and right fold. */
  private rove(event: KeyboardEvent): void {
    const stops = this.stops();
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const current = stops[at];
    if (!current || event.ctrlKey || event.metaKey || event.altKey) return;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: stops.length - 1,
    };
    const to = targets[event.key];
    if (to !== undefined) stops[to]?.focus();
    else if (!this.foldWith(event.key, current)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private foldWith(key: string, header: HTMLElement): boolean {
    const found = [...this.sections].find(([, section]) => section.header === header);
    if (!found || (key !== "ArrowLeft" && key !== "ArrowRight")) return false;
    this.fold(found[0], key === "ArrowLeft");
    return true;
  }
}

/** What a newcomer sees: what this is, and the three lines that fill it. */
function emptyState(): Node[] {
  const code = h("pre", { class: "nbt-lab-example" }, EXAMPLE);
  const copy = h("button", { class: "nbt-lab-link" }, "Copy");
  copy.type = "button";
  copy.addEventListener("click", () => {
    // Without a safe origin browsers offer no clipboard.
    void navigator.clipboard?.writeText(EXAMPLE).then(() => setText(copy, "Copied"));
  });
  return [
    h("p", { class: "nbt-lab-lead" }, "No runs yet"),
    h("p", {}, "Type this in a notebook, and the run appears here while it goes on:"),
    code,
    copy,
  ];
}
