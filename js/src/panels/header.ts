/** The strip on top: what run this is, how it stands, and the ways to end it. */

import { formatCount, formatDuration } from "../chart";
import { host, type RunFeed } from "../data";
import { goesOn } from "../data/states";
import type { RunHead } from "../protocol";
import { h, Scope, setText } from "./dom";
import { Editable } from "./editable";
import { Ender, type EndWords } from "./ender";
import { icon, stateBadge } from "./icons";

/** Between cells that are run one after the other nothing new is offered. */
const IDLE_MS = 2000;
/** A browser's clock that differs from the kernel's by more than this is not believed. */
const MOST_SKEW_S = 120;

const STOP: EndWords = {
  ...{ sign: "stop", word: "Stop", doing: "Stopping …", no: "Keep running" },
  ...{ failed: "Not stopped", looks: ["nbt-stop", "nbt-stop nbt-danger"] },
  title: "End this run: interrupt its cell, keep the kernel",
  still: "Interrupted, still at work",
};
const FINISH: EndWords = {
  ...{ sign: "finished", word: "Finish", doing: "Finishing …", no: "Keep open" },
  ...{ failed: "Not finished", looks: ["", ""] },
  title: "End this run as finished: its kernel stays, and cannot log to it any more",
  still: "",
};

export class Header {
  readonly element: HTMLElement;
  private readonly badge = h("span", { class: "nbt-state-box" });
  private readonly name = h("h2", { class: "nbt-name" });
  private readonly editableName: Editable;
  private readonly project = h("span", { class: "nbt-project" });
  private readonly hint = h("span", { class: "nbt-hint", role: "status" });
  private readonly duration = h("dd");
  private readonly step = h("dd");
  private readonly cellBox = h("span", { class: "nbt-cell-box" });
  private readonly reportBox = h("span", { class: "nbt-cell-box" });
  private readonly scope = new Scope();
  private readonly finisher: Ender;
  private readonly stopper: Ender;
  /** Since when nothing goes on in an open run. */
  private idleAt = Number.POSITIVE_INFINITY;
  private trouble = "";

  constructor(private readonly feed: RunFeed) {
    this.editableName = new Editable(
      {
        what: "name",
        value: () => feed.store.run?.name || feed.store.run?.id || "",
        show: (name) => [name],
        save: (name) => feed.edit({ name }),
      },
      this.name,
    );
    const ender = (words: EndWords, op: "stop" | "finish") =>
      new Ender(
        this.scope,
        words,
        () => feed.end(op),
        (trouble) => {
          this.trouble = trouble;
          this.update();
        },
      );
    this.finisher = ender(FINISH, "finish");
    this.stopper = ender(STOP, "stop");
    const fact = (name: string, value: HTMLElement) => h("div", {}, h("dt", {}, name), value);
    this.element = h(
      "div",
      { class: "nbt-head" },
      this.badge,
      h("div", { class: "nbt-title" }, this.editableName.element, this.project),
      this.hint,
      h("dl", { class: "nbt-facts" }, fact("Time", this.duration), fact("Step", this.step)),
      this.cellBox,
      this.reportBox,
      this.finisher.element,
      this.stopper.element,
    );
  }

  open(): () => void {
    this.scope.every(1, () => this.tick());
    this.update();
    return () => this.scope.release();
  }

  update(): void {
    const { run } = this.feed.store;
    this.showHint(run);
    if (!run) return;
    this.badge.title = run.reason;
    this.editableName.update(this.feed.canAsk);
    this.name.title = `${run.entity}/${run.project}/${run.id}`;
    setText(this.project, run.project);
    this.showStep(run.step);
    this.tick();
    this.offerCell(run);
    this.offerReport(run);
  }

  /** Steps come with rows, more often than a run's head. */
  showStep(step: number | null): void {
    setText(this.step, step === null ? "–" : formatCount(step));
  }

  private tick(): void {
    const { run, heardAt } = this.feed.store;
    if (!run) return;
    setText(this.duration, formatDuration(activeNow(run, heardAt, this.feed.connection)));
    this.showEnds(run);
  }

  private showHint(run: RunHead | null): void {
    const isOver = run !== null && !goesOn(run);
    const trouble = (isOver ? "" : this.trouble) || this.feed.refusal;
    const text = trouble || hintOf(run, this.feed.connection);
    if (this.hint.textContent === text) return;
    this.hint.toggleAttribute("data-trouble", trouble !== "");
    const sign =
      trouble !== "" ? "warning" : this.feed.connection === "saved" ? "saved" : "reconnecting";
    this.hint.replaceChildren(...(text ? [icon(sign), h("span", {}, text)] : []));
  }

  /** Where the page has notebooks, the one that made the run is a click away. */
  private offerCell({ notebook, uid, name, id }: RunHead): void {
    const possible = notebook !== null && host() !== undefined;
    if (possible === this.cellBox.hasChildNodes()) return;
    this.cellBox.replaceChildren();
    if (!possible) return;
    const words = "Go to the cell that made this run";
    const look = { class: "nbt-icon-button", type: "button", title: words, "aria-label": words };
    const button = h("button", look, icon("cell"));
    this.scope.listen(button, "click", () => host()?.showCell(uid, name || id));
    this.cellBox.append(button);
  }

  /** Where the page has a server, it writes the report. */
  private offerReport({ uid, name, id }: RunHead): void {
    const possible = host() !== undefined;
    if (possible === this.reportBox.hasChildNodes()) return;
    this.reportBox.replaceChildren();
    if (!possible) return;
    const words = "Save a report of this run: one HTML file";
    const look = { class: "nbt-icon-button", type: "button", title: words, "aria-label": words };
    const button = h("button", look, icon("report"));
    this.scope.listen(button, "click", () => host()?.saveReport(uid, name || id));
    this.reportBox.append(button);
  }

  /** How it stands, and what ends it: Stop while it is open, and Finish where nothing goes on in it. */
  private showEnds(run: RunHead): void {
    const isOpen = goesOn(run) && this.feed.connection !== "saved";
    const now = performance.now();
    this.idleAt = isOpen && !run.ticking ? Math.min(this.idleAt, now) : Number.POSITIVE_INFINITY;
    const isIdle = now - this.idleAt > IDLE_MS;
    this.showState(isIdle ? "idle" : run.state);
    this.stopper.show(isOpen);
    this.finisher.show(isIdle);
  }

  private showState(state: string): void {
    if (this.badge.dataset.state === state) return;
    this.badge.dataset.state = state;
    this.badge.replaceChildren(stateBadge(state));
  }
}

/** What to tell of the connection: nothing while all is as it should be. */
function hintOf(run: RunHead | null, connection: string): string {
  if (!run) return connection === "lost" ? "No answer yet" : "";
  if (!goesOn(run)) return "";
  if (connection === "saved") return "Saved snapshot";
  return connection === "lost" ? "Reconnecting" : "";
}

/** Active seconds of a run at this moment, as far as it can be known. */
export function activeNow(run: RunHead, heardAt: number, connection: string): number {
  if (!run.ticking || connection === "saved") return run.active;
  const since = Date.now() / 1000 - run.seen;
  const sinceHeard = (performance.now() - heardAt) / 1000;
  const believed = since >= 0 && since < MOST_SKEW_S + sinceHeard ? since : sinceHeard;
  return run.active + believed;
}
