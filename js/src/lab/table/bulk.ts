/** What can be done with the runs that are chosen, and how that goes. */
import { formatCount } from "../../chart/format";
import type { Answer, Ask } from "../../data";
import { h, setText } from "../../panels/dom";
import { icon } from "../../panels/icons";
import type { MenuItem } from "../../panels/menu";
import type { Act } from "../../protocol";
import { actOn, doneIn, type Result, tagsIn, troublesIn } from "../acting";
import type { Deed } from "../chosen";
import { EXPORTS, exportWord, type Form, type What } from "../exports";
import { doneWords, leftWords, questionOf } from "../questions";
import { trans } from "../translation";
import { ask, openMenu } from "./popup";
import { byWorkspace, type RunKey, uidOf } from "./selection";

export interface BulkHost {
  readonly root: HTMLElement;
  readonly send: (ask: Ask) => Promise<Answer>;
  readonly compare: (uids: readonly string[]) => void;
  readonly exportAs: (uids: readonly string[], form: Form, what: What) => Promise<void>;
  /** Runs that are not in the list any more. */
  readonly gone: (keys: readonly RunKey[]) => void;
}

const MOST_COMPARED = 1_000;
const MOST_SHOWN_TROUBLES = 3;
const TOLD_MS = 8_000;

export class Bulk {
  readonly element = h("div", { class: "nbt-rt-bulk", role: "toolbar" });
  private readonly count = h("strong", { class: "nbt-rt-bulk-count" });
  private readonly told = h("div", { class: "nbt-rt-bulk-told", role: "status" });
  private readonly exporting: HTMLElement;
  private keys: readonly RunKey[] = [];
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: BulkHost,
    clear: () => void,
  ) {
    this.element.setAttribute("aria-label", trans.__("Chosen runs"));
    const button = (sign: Parameters<typeof icon>[0], word: string, act: () => void) => {
      const made = h(
        "button",
        { type: "button", class: "nbt-button", title: word },
        icon(sign),
        h("span", { class: "nbt-word" }, word),
      );
      made.addEventListener("click", act);
      return made;
    };
    this.exporting = button("download", trans.__("Export"), () => this.act("export"));
    this.element.append(
      this.count,
      button("chart", trans.__("Compare"), () => this.act("compare")),
      button("tag", trans.__("Tag…"), () => this.act("tag")),
      button("check", trans.__("Finish…"), () => this.act("finish")),
      button("stop", trans.__("Stop…"), () => this.act("stop")),
      this.exporting,
      button("trash", trans.__("Move to trash…"), () => this.act("trash")),
      button("close", trans.__("Choose none"), clear),
      this.told,
    );
    this.show([]);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  show(keys: readonly RunKey[]): void {
    this.keys = keys;
    setText(this.count, trans.__("%1 chosen", formatCount(keys.length)));
    this.element.dataset.empty = String(keys.length === 0);
    this.element.hidden = keys.length === 0 && this.told.childElementCount === 0;
  }

  /** Does to the chosen runs what somebody asks for from elsewhere. */
  act(deed: Deed): void {
    const { keys } = this;
    if (deed === "compare") this.compare(keys);
    else if (deed === "export") this.offerExport(keys, this.exporting);
    else if (deed === "tag") void this.tag(keys);
    else void (deed === "trash" ? this.trash(keys) : this.end(deed, keys));
  }

  /** Says what did not work. */
  warn(words: string): void {
    this.say([words], true);
  }

  /** The rows of a menu about some runs. */
  menu(keys: readonly RunKey[]): MenuItem[] {
    const some = keys.length === 1 ? "" : ` ${formatCount(keys.length)}`;
    return [
      { word: trans.__("Compare%1", some), act: () => this.compare(keys), apart: true },
      { word: trans.__("Tag%1…", some), act: () => void this.tag(keys) },
      { word: trans.__("Finish%1…", some), act: () => void this.end("finish", keys) },
      { word: trans.__("Stop%1…", some), act: () => void this.end("stop", keys) },
      {
        ...{ word: trans.__("Export%1: rows as Parquet", some), apart: true },
        act: () => void this.exportAs(keys, "parquet", "rows"),
      },
      {
        word: trans.__("Export%1: rows as CSV", some),
        act: () => void this.exportAs(keys, "csv", "rows"),
      },
      {
        word: trans.__("Export%1: table as CSV", some),
        act: () => void this.exportAs(keys, "csv", "runs"),
      },
      {
        word: trans.__("Move%1 to trash…", some),
        apart: true,
        act: () => void this.trash(keys),
      },
    ];
  }

  compare(keys: readonly RunKey[]): void {
    if (keys.length > MOST_COMPARED) {
      this.say([trans.__("At most %1 runs are compared.", formatCount(MOST_COMPARED))], true);
      return;
    }
    const homes = byWorkspace(keys);
    if (homes.length > 1) this.offerOneHome(homes);
    else this.host.compare(keys.map(uidOf));
  }

  /** A comparison reads one workspace: which is meant? */
  private offerOneHome(homes: readonly (readonly RunKey[])[]): void {
    const words = trans.__(
      "These runs lie in %1 workspaces, and a comparison reads one:",
      homes.length,
    );
    const buttons = homes.slice(0, MOST_SHOWN_TROUBLES).map((home) => {
      const word = trans._n("Compare %1 run of one", "Compare %1 runs of one", home.length);
      const button = h("button", { type: "button", class: "nbt-rt-link" }, word);
      button.addEventListener("click", () => {
        this.hush();
        this.host.compare(home.map(uidOf));
      });
      return button;
    });
    this.say([words, ...buttons], true);
  }

  private async tag(keys: readonly RunKey[]): Promise<void> {
    const field = (label: string, hint: string) => {
      const input = h("input", { class: "nbt-rt-input", placeholder: hint, "aria-label": label });
      return { input, row: h("label", { class: "nbt-rt-ask-field" }, h("span", {}, label), input) };
    };
    const add = field(trans.__("Add"), trans.__("baseline, best"));
    const remove = field(trans.__("Remove"), "");
    const isSure = await ask(this.host.root, {
      title: trans._n("Tags of %1 run", "Tags of %1 runs", keys.length),
      body: [
        add.row,
        remove.row,
        h("p", { class: "nbt-quiet" }, trans.__("Separate with commas.")),
      ],
      ...{ yes: trans.__("Change tags"), no: trans.__("Cancel") },
    });
    const tags = { add: tagsIn(add.input.value), remove: tagsIn(remove.input.value) };
    if (!isSure || tags.add.length + tags.remove.length === 0) return;
    await this.run(keys, { action: "tag", ...tags });
  }

  private async end(action: "finish" | "stop", keys: readonly RunKey[]): Promise<void> {
    if (await this.isSure(action, keys)) await this.run(keys, { action });
  }

  private async trash(keys: readonly RunKey[]): Promise<void> {
    if (!(await this.isSure("trash", keys))) return;
    const result = await this.run(keys, { action: "trash" });
    const uids = new Set(result ? doneIn(result) : []);
    const gone = keys.filter((key) => uids.has(uidOf(key)));
    this.host.gone(gone);
    if (gone.length > 0) this.offerUndo(gone);
  }

  private async isSure(action: "finish" | "stop" | "trash", keys: readonly RunKey[]) {
    const { body, ...question } = questionOf(action, keys.length);
    return await ask(this.host.root, { ...question, body: [body] });
  }

  private offerUndo(keys: readonly RunKey[]): void {
    const undo = h("button", { type: "button", class: "nbt-rt-link" }, trans.__("Undo"));
    undo.addEventListener("click", () => void this.run(keys, { action: "restore" }));
    this.told.append(undo);
  }

  private offerExport(keys: readonly RunKey[], at: HTMLElement): void {
    const { left, bottom } = at.getBoundingClientRect();
    const items = EXPORTS.map(({ form, what }, index) => ({
      word: exportWord({ form, what }),
      apart: index > 0 && EXPORTS[index - 1]?.what !== what,
      act: () => void this.exportAs(keys, form, what),
    }));
    openMenu(this.host.root, trans.__("Export"), items, { x: left, y: bottom + 3 }, at);
  }

  private async exportAs(keys: readonly RunKey[], form: Form, what: What) {
    this.say([trans._n("Exporting %1 run …", "Exporting %1 runs …", keys.length)], false, true);
    try {
      await this.host.exportAs(keys.map(uidOf), form, what);
      this.say([trans.__("The file is saved by your browser.")], false);
    } catch (error) {
      this.say([trans.__("Not exported: %1", (error as Error).message)], true);
    }
  }

  /** Does something to runs and says how it goes; null while something else is being done. */
  private async run(
    keys: readonly RunKey[],
    act: Pick<Act, "action" | "add" | "remove">,
  ): Promise<Result | null> {
    if (this.busy) return null;
    this.busy = true;
    let goesOn = true;
    const halt = h("button", { type: "button", class: "nbt-rt-link" }, trans.__("Stop here"));
    halt.addEventListener("click", () => {
      goesOn = false;
    });
    const tell = ({ done, total }: { readonly done: number; readonly total: number }) => {
      const course = trans.__("%1 of %2 …", formatCount(done), formatCount(total));
      if (total > 40) this.say([course, halt], false, true);
    };
    const result = await actOn(this.host.send, keys.map(uidOf), act, tell, () => goesOn);
    this.busy = false;
    this.sayResult(result, act.action);
    return result;
  }

  private sayResult(result: Result, action: Act["action"]): void {
    const count = doneIn(result).length;
    const troubles = troublesIn(result);
    const isQuiet = troubles.length === 0 && result.why === "";
    const parts = count > 0 || isQuiet ? [doneWords(action, count)] : [];
    for (const { words, runs } of troubles.slice(0, MOST_SHOWN_TROUBLES)) {
      const times = runs > 1 ? ` (${formatCount(runs)} ×)` : "";
      parts.push(`${words}${times}`);
    }
    if (result.left > 0) parts.push(leftWords(result));
    this.say(parts, !isQuiet);
  }

  private say(parts: readonly (string | Node)[], isTrouble: boolean, stays = isTrouble): void {
    clearTimeout(this.timer);
    this.told.toggleAttribute("data-trouble", isTrouble);
    const close = h(
      "button",
      {
        ...{ type: "button", class: "nbt-mini", "aria-label": trans.__("Dismiss") },
      },
      icon("close"),
    );
    close.addEventListener("click", () => this.hush());
    const shown = parts.map((part) => (typeof part === "string" ? h("span", {}, part) : part));
    this.told.replaceChildren(...shown, ...(isTrouble ? [close] : []));
    if (!stays) this.timer = setTimeout(() => this.hush(), TOLD_MS);
    this.show(this.keys);
  }

  private hush(): void {
    this.told.replaceChildren();
    this.show(this.keys);
  }
}
