/** What can be done with one chart: by its buttons, its menu, and keys. */
import { type Axis, type Chart, formatCount, formatTicks, type Stage } from "../chart";
import { asPng, asSvg, type Portrait } from "./copying";
import { asCsv, type Table } from "./csv";
import { h, Scope } from "./dom";
import { icon } from "./icons";
import { type MenuItem, menuButton } from "./menu";
import { copyPicture, download, fileName } from "./saving";

/** Something that a chart has or has not. */
export interface Switch {
  has(): boolean;
  set(on: boolean): void;
}

/** What can be put into a chart: other keys, and a way to do it. */
export interface Overlay {
  readonly choices: () => readonly string[];
  readonly add: (key: string) => void;
  readonly remove: (key: string) => void;
}

/** What a menu has to know of its card; the functions are asked each time. */
export interface CardActs {
  readonly key: string;
  readonly stage: Stage;
  readonly axis: () => Axis;
  readonly format: (value: number) => string;
  /** Null where there is no such choice. */
  readonly log: Switch | null;
  readonly clip: Switch | null;
  readonly pin: Switch | null;
  readonly overlay: Overlay | null;
  /** Names of the lines as they were drawn; "" for one that no legend names. */
  readonly names: () => readonly string[];
  /** What is drawn. */
  readonly table: () => Table;
  readonly say: (text: string) => void;
}

/** Rows of the list of charts to put into this one; more are found by their names. */
const MOST_CHOICES = 200;

export class CardMenu {
  readonly element = h("div", { class: "nbt-actions" });
  private readonly full: HTMLButtonElement;
  private readonly scope = new Scope();

  constructor(
    private readonly chart: Chart,
    private readonly card: HTMLElement,
    private readonly acts: CardActs,
  ) {
    const title = "Full screen (F)";
    this.full = h(
      "button",
      { type: "button", class: "nbt-icon-button", "aria-label": title, title },
      icon("expand"),
    );
  }

  open(): () => void {
    const { key } = this.acts;
    const more = menuButton(this.scope, "more", `More for ${key}`, () => this.items());
    this.element.append(this.full, more);
    this.scope.listen(this.full, "click", () => this.toggleFull());
    this.scope.listen(this.card, "fullscreenchange", () => this.chart.element.focus());
    this.scope.listen(this.card, "keydown", (event) => {
      if (event.key === "Escape" && this.card.classList.contains("nbt-large")) this.toggleFull();
    });
    return () => this.scope.release();
  }

  /** Keys that are the card's: full screen, and the switches. */
  keyed(event: KeyboardEvent): boolean {
    const { log, clip, pin } = this.acts;
    const acts: Readonly<Record<string, () => void>> = {
      f: () => this.toggleFull(),
      l: () => this.turn(log),
      o: () => this.turn(clip),
      p: () => this.turn(pin),
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? null : acts[event.key];
    act?.();
    return act != null;
  }

  private turn(which: Switch | null): void {
    which?.set(!which.has());
    this.acts.stage.invalidate(this.chart);
    // A card that goes to another section loses the focus on its way.
    if (which && which === this.acts.pin) this.chart.element.focus({ preventScroll: true });
  }

  private items(): MenuItem[] {
    const { log, clip, pin, overlay } = this.acts;
    const toggle = (word: string, which: Switch | null, key: string): MenuItem[] =>
      which ? [{ word, key, on: which.has(), act: () => this.turn(which) }] : [];
    return [
      ...toggle("Logarithmic axis", log, "L"),
      ...toggle("Leave outliers out", clip, "O"),
      ...toggle("Pin to the top", pin, "P"),
      ...(overlay ? [{ word: "Overlay with…", apart: true, rows: () => this.choices() }] : []),
      { word: "Full screen", key: "F", apart: true, act: () => this.toggleFull() },
      { word: "Copy as PNG", apart: true, act: () => void this.copyPng() },
      { word: "Copy as SVG", act: () => void this.copySvg() },
      { word: "Download data (CSV)", act: () => this.saveCsv() },
    ];
  }

  private choices(): MenuItem[] {
    const { overlay } = this.acts;
    const all = overlay?.choices() ?? [];
    if (all.length === 0) return [{ word: "There is no other chart" }];
    return all.slice(0, MOST_CHOICES).map((key) => ({ word: key, act: () => overlay?.add(key) }));
  }

  /** The whole screen, or the whole window where a page may not have that. */
  private toggleFull(): void {
    const { card } = this;
    const root = card.getRootNode() as Document | ShadowRoot;
    if (root.fullscreenElement === card) void document.exitFullscreen();
    else if (card.classList.contains("nbt-large")) card.classList.remove("nbt-large");
    else card.requestFullscreen().catch(() => card.classList.add("nbt-large"));
    this.chart.element.focus();
  }

  private portrait(): Portrait {
    const { key, stage, names } = this.acts;
    return { title: key, names: names(), colors: stage.colors };
  }

  private async copyPng(): Promise<void> {
    const picture = asPng(this.chart, this.portrait());
    if (picture) await this.hand("image/png", picture, "png");
  }

  private async copySvg(): Promise<void> {
    const { axis, format } = this.acts;
    const x = (value: number) =>
      axis() === "step" ? formatCount(Math.round(value)) : (formatTicks([value], 1)[0] ?? "");
    const text = asSvg(this.chart, this.portrait(), { x, y: format });
    const picture = text && new Blob([text], { type: "text/plain" });
    if (picture) await this.hand("text/plain", Promise.resolve(picture), "svg");
  }

  /** Into the clipboard, or else as a file. */
  private async hand(
    type: "image/png" | "text/plain",
    picture: Promise<Blob>,
    ending: string,
  ): Promise<void> {
    const { key, say } = this.acts;
    const word = ending.toUpperCase();
    if (await copyPicture(type, picture)) return say(`${key} is copied as ${word}`);
    download(fileName(key, ending), await picture);
    say(`${key} is saved as ${word}: the page may not use the clipboard`);
  }

  private saveCsv(): void {
    const { key, say } = this.acts;
    const table = this.acts.table();
    const name = fileName(key, table.reduced ? "reduced.csv" : "csv");
    download(name, new Blob([asCsv(table)], { type: "text/csv" }));
    const hint = table.reduced
      ? "; it is reduced to exact extremes, run.history() has all rows"
      : "";
    say(`The data of ${key} is saved as ${name}${hint}`);
  }
}
