/** What a run is: its notes, its facts, the machine it ran on, its configuration and results. */
import { formatCount, formatDuration, formatExact, formatMoment } from "../chart";
import type { Change } from "../data";
import type { RunHead } from "../protocol";
import { h, Scope } from "./dom";
import { Editable } from "./editable";
import { type Fact, FactsTable, machineOf, programOf } from "./facts";
import { stateBadge } from "./icons";
import { markdown } from "./markdown";
import type { Tab, TabContext } from "./tab";
import { Tags } from "./tags";
import { ValuesTable } from "./values-table";

export class OverviewTab implements Tab {
  readonly element = h("div", { class: "nbt-overview" });
  readonly tools = h("div", { class: "nbt-tools" });
  private readonly scope: Scope;
  private readonly notes: Editable;
  private readonly tags: Tags;
  private readonly facts = new FactsTable("Run");
  private readonly program = new FactsTable("Program");
  private readonly machine = new FactsTable("Machine");
  private readonly summary: ValuesTable;
  private readonly config: ValuesTable;
  private drawn: RunHead | null = null;
  private couldAsk: boolean | null = null;

  constructor(private readonly context: TabContext) {
    const { feed } = context;
    this.scope = new Scope(context.failed);
    this.tags = new Tags(feed);
    this.notes = new Editable(
      {
        what: "notes",
        value: () => feed.store.run?.notes ?? "",
        show: markdown,
        save: (notes) => feed.edit({ notes }),
        nothing: "No notes. What is this run for?",
        manyLines: true,
      },
      h("div", { class: "nbt-markdown" }),
    );
    this.summary = new ValuesTable(this.scope, "Summary", formatExact);
    this.config = new ValuesTable(this.scope, "Config", String);
    const notes = h("section", { class: "nbt-table-box", "aria-label": "Notes" });
    notes.append(h("div", { class: "nbt-table-head" }, h("h3", {}, "Notes")), this.notes.element);
    const about = h("div", {}, notes, this.facts.element, this.program.element);
    const machine = this.machine.element;
    const values = h("div", {}, this.config.element, this.summary.element, machine);
    this.element.append(h("div", { class: "nbt-columns" }, about, values));
  }

  open(): () => void {
    this.scope.every(1, () => this.tick());
    this.draw();
    return () => this.scope.release();
  }

  update(change: Change): void {
    if (change.run) this.draw();
  }

  shown(): void {
    this.draw();
  }

  count(): string {
    return "";
  }

  private get hidden(): boolean {
    return this.element.closest("[hidden]") !== null;
  }

  private draw(): void {
    const { feed } = this.context;
    const { run } = feed.store;
    // Hidden, it waits: a summary of a thousand keys changes with each row.
    if (!run || this.hidden) return;
    if (run === this.drawn && feed.canAsk === this.couldAsk) return;
    this.drawn = run;
    this.couldAsk = feed.canAsk;
    this.notes.update(feed.canAsk);
    this.tags.update();
    this.facts.show(this.factsOf(run));
    this.program.show(programOf(run));
    this.machine.show(machineOf(run));
    // `_step`, `_runtime` and `_timestamp` stand in the header and among the facts.
    const summary = Object.entries(run.summary).filter(([name]) => !name.startsWith("_"));
    this.summary.show(Object.fromEntries(summary));
    this.config.show(run.config, run.pinned ?? []);
  }

  /** Time goes on also when nothing is told. */
  private tick(): void {
    const { run } = this.context.feed.store;
    if (run?.ended === null && !this.hidden) this.facts.show(this.factsOf(run));
  }

  private factsOf(run: RunHead): Fact[] {
    const until = run.ended ?? Math.max(run.seen, Date.now() / 1000);
    const path = `${run.entity}/${run.project}/${run.id}`;
    return [
      ["State", stateBadge(run.state)],
      ["Reason", run.reason],
      ["Name", run.name],
      ["Tags", this.tags.element],
      ["Author", run.user],
      ["Path", path, path],
      ["Group", run.group],
      ["Job type", run.job_type],
      ["Started", formatMoment(run.started)],
      ["Ended", run.ended === null ? "" : formatMoment(run.ended)],
      ["Active time", formatDuration(run.active)],
      ["Runtime", formatDuration(until - run.started)],
      ["Rows", formatCount(run.rows)],
    ];
  }
}
