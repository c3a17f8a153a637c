/** The trash of the workspaces: what is in it, brought back or deleted for good. */
import { formatAge, formatCount, formatMoment } from "../../chart/format";
import type { Answer, Ask } from "../../data";
import { h, setText } from "../../panels/dom";
import { icon } from "../../panels/icons";
import type { Act, TrashedHead } from "../../protocol";
import { actOn, bytesIn, bytesText, doneIn, type Result, troublesIn } from "../acting";
import { trans } from "../translation";
import { ask } from "./popup";

const PAGE = 200;

export class TrashList {
  readonly element = h("section", { class: "nbt-rt-trash" });
  private readonly head = h("div", { class: "nbt-rt-trash-head" });
  private readonly title = h("h3", {});
  private readonly list = h("div", { class: "nbt-rt-trash-list", role: "table" });
  private readonly told = h("div", { class: "nbt-rt-bulk-told", role: "status" });
  private readonly more = h("button", { type: "button", class: "nbt-button" });
  private readonly restoreButton: HTMLButtonElement;
  private readonly purgeButton: HTMLButtonElement;
  private runs: readonly TrashedHead[] = [];
  private total = 0;
  private bytes = 0;
  private readonly chosen = new Set<string>();

  constructor(
    private readonly root: HTMLElement,
    private readonly send: (ask: Ask) => Promise<Answer>,
    private readonly restored: () => void,
  ) {
    this.element.setAttribute("aria-label", trans.__("Trash"));
    this.list.setAttribute("aria-label", trans.__("Runs in the trash"));
    this.restoreButton = this.button("undo", trans.__("Restore"), () => void this.restore());
    this.purgeButton = this.button("trash", trans.__("Delete for good…"), () => void this.purge());
    this.more.addEventListener("click", () => void this.load(this.runs.length));
    this.head.append(this.title, this.restoreButton, this.purgeButton, this.told);
    this.element.append(this.head, this.list, this.more);
  }

  /** Looks again while somebody looks: runs came or went, maybe by other hands. */
  refresh(): void {
    if (!this.element.hidden) void this.load();
  }

  /** Looks what is in the trash now. */
  async load(offset = 0): Promise<void> {
    try {
      const { reply } = await this.send({ op: "trash", offset, limit: PAGE });
      const before = offset === 0 ? [] : this.runs;
      this.runs = [...before, ...(reply.trashed ?? [])];
      this.total = reply.total ?? 0;
      this.bytes = reply.bytes ?? 0;
      const there = new Set(this.runs.map(({ uid }) => uid));
      for (const uid of this.chosen) if (!there.has(uid)) this.chosen.delete(uid);
    } catch (error) {
      this.say([trans.__("The trash cannot be shown: %1", (error as Error).message)], true);
    }
    this.draw();
  }

  private draw(): void {
    const focused = this.focused();
    const { total } = this;
    const count = trans._n("%1 run", "%1 runs", total).replace(String(total), formatCount(total));
    const words = trans.__("Trash: %1, %2", count, bytesText(this.bytes));
    setText(this.title, total === 0 ? trans.__("The trash is empty") : words);
    const now = Date.now() / 1000;
    this.list.hidden = total === 0;
    this.list.replaceChildren(this.heads(), ...this.runs.map((run) => this.row(run, now)));
    this.more.hidden = this.runs.length >= total;
    setText(this.more, trans.__("Show more (%1)", formatCount(total - this.runs.length)));
    this.showChosen();
    this.list.querySelector<HTMLElement>(`[data-uid="${focused}"] input`)?.focus();
  }

  /** Whose box has the focus: "" stands for all, null for none. */
  private focused(): string | null {
    const at = document.activeElement;
    if (at === null || !this.list.contains(at)) return null;
    return at.closest<HTMLElement>("[data-uid]")?.dataset.uid ?? null;
  }

  private heads(): HTMLElement {
    const all = h("input", { type: "checkbox", "aria-label": trans.__("Choose all") });
    all.checked = this.chosen.size > 0 && this.chosen.size === this.runs.length;
    all.indeterminate = this.chosen.size > 0 && !all.checked;
    all.addEventListener("change", () => {
      for (const { uid } of this.runs) {
        if (all.checked) this.chosen.add(uid);
        else this.chosen.delete(uid);
      }
      this.draw();
    });
    const head = (word: string) => h("span", { role: "columnheader" }, word);
    const words = [trans.__("Name"), trans.__("Project"), trans.__("Deleted"), trans.__("Size")];
    const row = h(
      "div",
      { class: "nbt-rt-trash-row nbt-rt-trash-heads", role: "row" },
      h("span", { role: "columnheader" }, all),
      ...words.map(head),
    );
    row.dataset.uid = "";
    return row;
  }

  private row({ uid, name, project, trashed, bytes }: TrashedHead, now: number): HTMLElement {
    const box = h("input", { type: "checkbox", "aria-label": trans.__("Choose %1", name) });
    box.checked = this.chosen.has(uid);
    box.addEventListener("change", () => {
      if (box.checked) this.chosen.add(uid);
      else this.chosen.delete(uid);
      this.draw();
    });
    const cell = (text: string, title = text) => h("span", { role: "cell", title }, text);
    const row = h(
      "div",
      { class: "nbt-rt-trash-row", role: "row" },
      h("span", { role: "cell" }, box),
      cell(name, `${name}\n${uid}`),
      cell(project),
      cell(formatAge(now - trashed), formatMoment(trashed)),
      cell(bytesText(bytes)),
    );
    row.dataset.uid = uid;
    return row;
  }

  private showChosen(): void {
    const none = this.chosen.size === 0;
    this.restoreButton.disabled = none;
    this.purgeButton.disabled = none;
  }

  private async restore(): Promise<void> {
    const result = await this.run([...this.chosen], { action: "restore" });
    const count = doneIn(result).length;
    this.tell(result, trans._n("%1 run is back.", "%1 runs are back.", count), count);
    this.restored();
  }

  /** What would be freed is counted first, and said in the question. */
  private async purge(): Promise<void> {
    const uids = [...this.chosen];
    const weighed = await this.run(uids, { action: "weigh" });
    if (weighed.why !== "") return this.say([weighed.why], true);
    const size = bytesText(bytesIn(weighed));
    const isSure = await ask(this.root, {
      title: trans._n("Delete %1 run for good?", "Delete %1 runs for good?", uids.length),
      body: [trans.__("%1 will be free again. Nothing brings these runs back.", size)],
      ...{ yes: trans.__("Delete for good"), no: trans.__("Keep"), isDangerous: true },
    });
    if (!isSure) return;
    const result = await this.run(uids, { action: "purge" });
    const count = doneIn(result).length;
    const freed = bytesText(bytesIn(result));
    const done = trans._n("%1 run is deleted", "%1 runs are deleted", count);
    this.tell(result, trans.__("%1, %2 are free again.", done, freed), count);
  }

  private async run(uids: readonly string[], act: Pick<Act, "action">): Promise<Result> {
    const result = await actOn(this.send, uids, act, ({ done, total }) => {
      if (total > 40)
        this.say([trans.__("%1 of %2 …", formatCount(done), formatCount(total))], false);
    });
    if (act.action !== "weigh") await this.load();
    return result;
  }

  private tell(result: Result, done: string, count: number): void {
    const troubles = troublesIn(result).map(({ words, runs }) =>
      runs > 1 ? `${words} (${formatCount(runs)} ×)` : words,
    );
    if (result.why !== "") troubles.push(result.why);
    this.say([...(count > 0 ? [done] : []), ...troubles.slice(0, 3)], troubles.length > 0);
  }

  private say(parts: readonly string[], isTrouble: boolean): void {
    this.told.toggleAttribute("data-trouble", isTrouble);
    this.told.replaceChildren(...parts.map((part) => h("span", {}, part)));
  }

  private button(sign: Parameters<typeof icon>[0], word: string, act: () => void) {
    const made = h(
      "button",
      { type: "button", class: "nbt-button" },
      icon(sign),
      h("span", {}, word),
    );
    made.addEventListener("click", act);
    return made;
  }
}
