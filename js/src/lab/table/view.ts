/** The table of runs: its parts put together. Knows nothing of JupyterLab. */
import { seriesColor } from "../../chart/palette";
import { readColors, watchTheme } from "../../chart/theme";
import type { Answer, Ask } from "../../data";
import { h, Scope, setText } from "../../panels/dom";
import type { MenuItem } from "../../panels/menu";
import type { RunPage, RunRow, Statistic } from "../../protocol";
import { tagsIn } from "../acting";
import type { Choice, Chosen } from "../chosen";
import type { Form, What } from "../exports";
import type { Choices } from "../sidebar/complete";
import { isUnmet, slipIn } from "../slips";
import { trans } from "../translation";
import { Bulk } from "./bulk";
import { Charts, type ChartsHost, divider } from "./charts";
import { columnChooser } from "./choosing";
import { type Column, columnOf, wantedOf } from "./columns";
import { ColumnSet } from "./columnset";
import { editCell } from "./editing";
import { RunsFeed } from "./feed";
import { Grid } from "./grid";
import { Items } from "./items";
import type { Shown } from "./line";
import { keepLook, keptLook, type Look } from "./look";
import { openMenu, openPanel } from "./popup";
import { keyOf, Selection } from "./selection";
import { Toolbar } from "./toolbar";
import { TrashList } from "./trash";

export interface RunPlace {
  readonly uid: string;
  readonly workspace: string;
  readonly name: string;
}

export interface RunsTableOptions extends Pick<ChartsHost, "source" | "load"> {
  /** Which server's runs: how they are looked at is kept under it. */
  readonly place: string;
  readonly openRun: (run: RunPlace) => void;
  readonly compare: (uids: readonly string[]) => void;
  readonly exportAs: (uids: readonly string[], form: Form, what: What) => Promise<void>;
  /** Takes what is chosen, whenever that is something else. */
  readonly chosen: Pick<Chosen, "note" | "forget" | "gone">;
  /** Why the server does not answer, in words. */
  readonly explain: () => Promise<string>;
  /** Puts the styles of the table into the page. */
  readonly adopt: (root: HTMLElement) => void;
}

const TICK_MS = 1_000;
const PATIENCE_MS = 1_500;
/** Runs whose charts are drawn where nobody chose any; no more lines are drawn at once. */
const MOST_DRAWN = 50;
const MOST_COMPARED = 1_000;
const STATISTICS_MS = 300;
const MOST_SUMMARIZED = 100;
/** Longer ones come cut and cannot be changed here: their run is opened instead. */
const LONGEST_NOTES = 300;

export class RunsTable {
  constructor(private readonly options: RunsTableOptions) {}

  /** Shows the table inside `host`. Returns the function that ends it and frees everything. */
  mount(host: HTMLElement): () => void {
    const root = h("div", {
      ...{ class: "nbt nbt-rt", role: "region", "data-lm-suppress-shortcuts": "true" },
      "aria-label": trans.__("Table of runs"),
    });
    host.append(root);
    this.options.adopt(root);
    const scope = new Scope();
    scope.add(() => root.remove());
    new Body(root, scope, this.options).open();
    return () => scope.release();
  }
}

class Body {
  private readonly look: Look;
  private readonly feed: RunsFeed;
  private readonly grid: Grid;
  private readonly toolbar: Toolbar;
  private readonly bulk: Bulk;
  private readonly columns: ColumnSet;
  private readonly charts: Charts;
  private readonly trash: TrashList;
  private choices: Choices = { facets: [], fields: [] };
  private readonly selection = new Selection(() => this.choiceChanged());
  private readonly choice: Choice = {
    count: () => this.selection.size,
    isSeen: () => this.bulk.element.checkVisibility(),
    act: (deed) => this.bulk.act(deed),
    forget: (keys) => this.selection.forget(keys),
  };
  private readonly trouble = h("div", { class: "nbt-rt-problem", role: "alert" });
  private readonly nothing = h("div", { class: "nbt-rt-nothing" });
  private readonly main = h("div", { class: "nbt-rt-main" });
  private readonly divider: HTMLElement;
  private items = new Items(0, null);
  private readonly opened = new Set<string>();
  private seen = { first: 0, last: -1 };
  private statistics: ReadonlyMap<string, ReadonlyMap<string, Statistic>> = new Map();
  private slotOf: (uid: string) => number | undefined = () => undefined;
  private isDark = false;
  /** Where a stretch of chosen lines begins. */
  private anchor = 0;
  private statisticsTimer: ReturnType<typeof setTimeout> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private fieldsTimer: ReturnType<typeof setTimeout> | undefined;
  private knownTotal = -1;
  private closePanel: () => void = () => {};

  constructor(
    private readonly root: HTMLElement,
    private readonly scope: Scope,
    private readonly options: RunsTableOptions,
  ) {
    const look = keptLook(options.place);
    this.look = look;
    this.feed = new RunsFeed(options.source(), {
      changed: () => this.pageChanged(),
      refused: (why) => this.toolbar.refuse(why),
      connected: () => this.well(),
      lost: () => this.lost(),
    });
    const send = (ask: Ask): Promise<Answer> => this.feed.send(ask);
    this.toolbar = new Toolbar(scope, look, {
      searched: (text) => this.search(text),
      grouped: (field) => this.group(field),
      groupsOrdered: (order) => {
        look.groups = order;
        this.grid.toTop();
        this.asked();
      },
      columns: (button) => this.chooseColumns(button),
      charts: (on) => this.showCharts(on),
      trash: (on) => this.showTrash(on),
    });
    this.bulk = new Bulk(
      {
        ...{ root, send, compare: options.compare, exportAs: options.exportAs },
        gone: (keys) => this.options.chosen.gone(keys),
      },
      () => this.selection.clear(),
    );
    this.columns = new ColumnSet(look, {
      changed: () => {
        this.place();
        this.asked();
        this.wantStatistics();
      },
      placed: (isDone) => {
        this.place();
        if (isDone) this.keep();
      },
      sorted: () => {
        this.grid.toTop();
        this.asked();
      },
      grouped: (field) => {
        this.group(field);
        this.toolbar.offer(this.columns.fields);
      },
    });
    this.charts = new Charts({
      ...{ source: options.source, load: options.load },
      coloured: (colorOf) => {
        this.slotOf = colorOf;
        this.grid.later();
      },
    });
    this.trash = new TrashList(root, send, () => this.grid.later());
    this.grid = new Grid({
      shown: (line) => this.shown(line),
      looked: (first, last) => this.looked(first, last),
      open: (line) => this.openLine(line),
      choose: (line, how) => this.attempt(this.choose(line, how)),
      edit: (line, column, cell) => this.edit(line, column, cell),
      menuOf: (line, at) => this.menuOf(line, at),
      clear: () => this.selection.clear(),
      order: () => look.order,
      chosen: () => this.howMany(),
      sort: (column, further) => this.columns.sort(column, further),
      move: (column, before) => {
        this.columns.move(column, before);
        this.grid.focus();
      },
      widen: (column, width, isDone) => this.columns.widen(column, width, isDone),
      menu: (column, at) => this.menuOfColumn(column, at),
      chooseAll: () => this.attempt(this.chooseAll()),
    });
    this.divider = divider(trans.__("Width of the charts"), (share, isDone) => {
      look.chartsShare = Math.min(0.85, Math.max(0.15, share));
      this.layOut();
      if (isDone) this.keep();
    });
  }

  open(): void {
    const { scope, root } = this;
    this.trouble.hidden = true;
    this.nothing.hidden = true;
    this.trash.element.hidden = true;
    const left = h(
      "div",
      { class: "nbt-rt-left" },
      this.grid.element,
      this.nothing,
      this.bulk.element,
    );
    this.main.append(left, this.divider, this.charts.element);
    root.append(this.toolbar.element, this.trouble, this.main, this.trash.element);
    this.recolor();
    scope.add(watchTheme(() => this.recolor()));
    scope.add(this.grid.open());
    scope.add(this.feed.open());
    scope.add(() => this.end());
    scope.every(TICK_MS / 1000, () => this.grid.tick(Date.now() / 1000));
    scope.listen(root, "keydown", (event) => this.keyed(event));
    this.place();
    this.ask();
    this.layOut();
    if (this.look.charts) void this.charts.open();
  }

  private end(): void {
    for (const timer of [this.statisticsTimer, this.patience, this.fieldsTimer])
      clearTimeout(timer);
    this.closePanel();
    this.options.chosen.forget(this.choice);
    this.charts.close();
    this.bulk.close();
  }

  // What is looked at.

  private place(): void {
    this.grid.place(this.columns.placing());
  }

  private ask(): void {
    const { search, order, group, groups } = this.look;
    const columns = wantedOf(this.columns.list());
    this.feed.ask({ search, order, group, groups, opened: new Set(this.opened), columns });
  }

  /** Somebody asks for something else. */
  private asked(): void {
    this.ask();
    this.grid.later();
    this.keep();
  }

  private keep(): void {
    keepLook(this.options.place, this.look);
  }

  private search(text: string): void {
    this.look.search = text;
    this.grid.toTop();
    this.asked();
  }

  private group(field: string): void {
    this.look.group = field;
    this.opened.clear();
    this.statistics = new Map();
    this.grid.toTop();
    this.asked();
  }

  private chooseColumns(button: HTMLElement): void {
    if (button.getAttribute("aria-expanded") === "true") {
      this.closePanel();
      return;
    }
    const { look, columns } = this;
    const changed = () => columns.choose();
    const chooser = columnChooser({ look, fields: columns.fields, changed });
    this.closePanel = openPanel(this.root, button, trans.__("Columns"), chooser);
  }

  private menuOfColumn(column: Column, at: HTMLElement): void {
    const { left, bottom } = at.getBoundingClientRect();
    const point = { x: left, y: bottom };
    openMenu(this.root, column.label, this.columns.menu(column), point, at);
  }

  // What the server says.

  private pageChanged(): void {
    const { page } = this.feed;
    if (!page) return;
    const isGrouped = this.look.group !== "";
    this.items = new Items(page.matching, isGrouped ? page.groups : null, this.opened);
    this.toolbar.show(page);
    this.showNothing(page);
    this.grid.list(this.items);
    void this.drawCharts();
    if (isGrouped) this.wantStatistics();
    if (page.total !== this.knownTotal) this.trash.refresh();
    if (page.total !== this.knownTotal || isUnmet(page)) this.wantFields(page.total);
  }

  private showNothing(page: RunPage): void {
    const { total, matching } = page;
    this.nothing.hidden = matching > 0;
    if (matching > 0) return;
    const slip = isUnmet(page) ? slipIn(this.look.search, this.choices) : "";
    const unmet =
      slip === ""
        ? trans.__("No run matches this search.")
        : trans.__("No run matches this search: %1.", slip);
    const words = trans.__(
      "No runs yet. In a notebook, type: import nbtrack; run = nbtrack.init()",
    );
    setText(this.nothing, total === 0 ? words : unmet);
  }

  private wantFields(total: number): void {
    clearTimeout(this.fieldsTimer);
    const wait = this.knownTotal < 0 ? 0 : TICK_MS;
    this.knownTotal = total;
    this.fieldsTimer = setTimeout(() => void this.fetchFields(), wait);
  }

  private async fetchFields(): Promise<void> {
    try {
      const { reply } = await this.feed.send({ op: "facets" });
      const { fields = [], facets = [] } = reply;
      this.choices = { fields, facets };
      this.columns.take(fields);
      if (this.feed.page) this.showNothing(this.feed.page);
    } catch {
      this.knownTotal = -1;
      return;
    }
    this.toolbar.offer(this.columns.fields);
  }

  private wantStatistics(): void {
    if (this.statisticsTimer !== undefined || this.look.group === "") return;
    this.statisticsTimer = setTimeout(() => {
      this.statisticsTimer = undefined;
      void this.fetchStatistics();
    }, STATISTICS_MS);
  }

  private async fetchStatistics(): Promise<void> {
    const names = this.groupsSeen().slice(0, MOST_SUMMARIZED);
    const columns = this.columns
      .list()
      .filter(({ kind }) => kind === "value" || kind === "duration" || kind === "count")
      .map(({ id }) => id);
    if (names.length === 0 || columns.length === 0) return;
    try {
      const found = await this.feed.statistics(names, columns);
      this.statistics = new Map(
        found.map(({ name, columns }) => [name, new Map(columns.map((one) => [one.column, one]))]),
      );
    } catch {
      return; // the next page asks again
    }
    this.grid.later();
  }

  private well(): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    this.trouble.hidden = true;
  }

  private lost(): void {
    this.patience ??= setTimeout(async () => {
      const words = await this.options.explain();
      if (this.patience === undefined) return;
      this.trouble.hidden = false;
      setText(this.trouble, words);
    }, PATIENCE_MS);
  }

  // Lines.

  private shown(line: number): Shown {
    const item = this.items.at(line);
    if (item?.kind === "group") {
      const { group, open } = item;
      const statistics = this.statistics.get(group.name);
      const field = columnOf(this.look.group)?.label ?? this.look.group;
      return { kind: "group", group, open, statistics, field };
    }
    const run = item ? this.feed.at(item.offset) : undefined;
    if (!run) return { kind: "waiting" };
    return {
      ...{ kind: "run", run, isChosen: this.selection.has(keyOf(run)) },
      color: this.colorOf(run.uid),
    };
  }

  /** Names of the groups whose heads can be seen. */
  private groupsSeen(): string[] {
    const names: string[] = [];
    for (let line = this.seen.first; line <= this.seen.last; line++) {
      const item = this.items.at(line);
      if (item?.kind === "group") names.push(item.group.name);
    }
    return names;
  }

  private looked(first: number, last: number): void {
    this.seen = { first, last };
    if (this.groupsSeen().some((name) => !this.statistics.has(name))) this.wantStatistics();
    const places = this.items.runsBetween(first, last);
    if (places) this.feed.look(places.low, places.high);
  }

  private openLine(line: number): void {
    const item = this.items.at(line);
    if (item?.kind === "group") {
      const { name } = item.group;
      if (!this.opened.delete(name)) this.opened.add(name);
      this.ask();
      return;
    }
    const run = item ? this.feed.at(item.offset) : undefined;
    if (run) this.options.openRun(placeOf(run));
  }

  private async choose(line: number, how: "toggle" | "extend"): Promise<void> {
    const item = this.items.at(line);
    if (item?.kind !== "run") return;
    const key = this.feed.keyAt(item.offset);
    if (key === undefined) return;
    if (how === "toggle") {
      this.anchor = line;
      this.selection.toggle(key);
      return;
    }
    const [low, high] = [Math.min(this.anchor, line), Math.max(this.anchor, line)];
    const places = this.items.runsBetween(low, high);
    if (places) this.selection.add(await this.feed.keysBetween(places.low, places.high));
  }

  private async chooseAll(): Promise<void> {
    const matching = this.feed.page?.matching ?? 0;
    const keys = await this.feed.allKeys(matching);
    if (keys.every((key) => this.selection.has(key))) this.selection.clear();
    else this.selection.add(keys);
  }

  /** What is asked of a server that does not answer is said, and nothing else happens. */
  private attempt(work: Promise<void>): void {
    work.catch((error: Error) => this.bulk.warn(error.message));
  }

  private howMany(): "all" | "some" | "none" {
    const { size } = this.selection;
    if (size === 0) return "none";
    return size >= (this.feed.page?.matching ?? 0) ? "all" : "some";
  }

  private choiceChanged(): void {
    this.bulk.show(this.selection.all());
    this.options.chosen.note(this.choice);
    this.grid.later();
    void this.drawCharts();
  }

  private menuOf(line: number, at: { readonly x: number; readonly y: number }): void {
    const item = this.items.at(line);
    if (item?.kind !== "run") return;
    const run = this.feed.at(item.offset);
    if (!run) return;
    const key = keyOf(run);
    const keys = this.selection.has(key) ? this.selection.all() : [key];
    const open: MenuItem = {
      word: trans.__("Open"),
      key: "Enter",
      act: () => this.options.openRun(placeOf(run)),
    };
    const items = keys.length === 1 ? [open, ...this.editItems(line)] : [];
    const back = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    openMenu(this.root, run.name || run.id, [...items, ...this.bulk.menu(keys)], at, back);
  }

  private editItems(line: number): MenuItem[] {
    return this.columns.list().flatMap(({ id, label, editable }) => {
      if (!editable) return [];
      const edit = () => {
        const cell = this.grid.cell(line, id);
        if (cell) this.edit(line, id, cell);
      };
      return [{ word: trans.__("Edit %1", label.toLowerCase()), act: edit }];
    });
  }

  // Changing a run.

  private edit(line: number, id: string, cell: HTMLElement): void {
    const item = this.items.at(line);
    const run = item?.kind === "run" ? this.feed.at(item.offset) : undefined;
    const column = columnOf(id);
    if (!run || !column?.editable) return;
    const { editable } = column;
    const notes = run.values?.notes;
    const isCut = editable === "notes" && typeof notes === "string" && notes.length > LONGEST_NOTES;
    if (isCut) {
      this.options.openRun(placeOf(run));
      return;
    }
    const value =
      editable === "name"
        ? run.name || run.id
        : editable === "tags"
          ? run.tags.join(", ")
          : typeof notes === "string"
            ? notes
            : "";
    editCell(cell, {
      ...{ label: trans.__("%1 of %2", column.label, run.name || run.id), value },
      save: async (text) => {
        if (editable === "name" && text.trim() === "")
          throw new Error(trans.__("a name is not empty"));
        const change = editable === "tags" ? { tags: tagsIn(text) } : { [editable]: text };
        await this.feed.edit(run, change);
      },
      done: () => {
        this.grid.redraw(line);
        cell.focus({ preventScroll: true });
      },
    });
  }

  // Charts and trash.

  private showCharts(on: boolean): void {
    this.look.charts = on;
    this.layOut();
    this.keep();
    if (on) void this.charts.open();
    else this.charts.close();
    void this.drawCharts();
  }

  private layOut(): void {
    const { charts, chartsShare } = this.look;
    this.divider.hidden = !charts;
    this.charts.element.hidden = !charts;
    this.charts.element.style.flexBasis = `${100 * chartsShare}%`;
    this.divider.setAttribute("aria-valuenow", String(Math.round(100 * chartsShare)));
  }

  private async drawCharts(): Promise<void> {
    if (!this.look.charts) return;
    const areChosen = this.selection.size > 0;
    const matching = this.feed.page?.matching ?? 0;
    const chosen = this.selection.all().slice(0, MOST_COMPARED);
    try {
      const keys = areChosen ? chosen : await this.feed.firstKeys(MOST_DRAWN);
      this.charts.show(keys, matching, areChosen);
    } catch {
      // The line is down: when it stands again, a page comes and the charts with it.
    }
  }

  private colorOf(uid: string): string | undefined {
    const slot = this.slotOf(uid);
    return slot === undefined ? undefined : seriesColor(slot, this.isDark);
  }

  private recolor(): void {
    readColors(this.root);
    this.isDark = this.root.dataset.theme === "dark";
    this.grid.later();
  }

  private showTrash(on: boolean): void {
    this.trash.element.hidden = !on;
    this.main.hidden = on;
    if (on) void this.trash.load();
    else this.grid.later();
  }

  private keyed(event: KeyboardEvent): void {
    if (event.key !== "/" || event.defaultPrevented) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) {
      return;
    }
    event.preventDefault();
    this.toolbar.search.focus();
  }
}

function placeOf(run: RunRow): RunPlace {
  return { uid: run.uid, workspace: run.workspace, name: run.name || run.id };
}
