/** What can be done with one chart: by its buttons, its menu, and keys. */
import type { Chart, Content } from "../chart";
import { formatCount, formatTicks, formatValue } from "../chart";
import type { CardLine, CardOptions } from "./chart-card";
import { asCsv, asPng, asSvg, copy, download, fileName, type Portrait } from "./copying";
import { h, Scope } from "./dom";
import { icon } from "./icons";
import { type MenuItem, menuButton } from "./menu";

type Drawn = readonly { readonly line: CardLine; readonly content: Content }[];

/** Rows of the list of charts to put into this one; more are found by their names. */
const MOST_CHOICES = 200;

export class CardMenu {
  readonly element = h("div", { class: "nbt-actions" });
  private readonly scope = new Scope();
  private readonly full: HTMLButtonElement;

  constructor(
    private readonly chart: Chart,
    private readonly card: HTMLElement,
    private readonly options: CardOptions,
    private readonly drawn: () => Drawn,
  ) {
    const title = "Full screen (F)";
    this.full = h(
      "button",
      { type: "button", class: "nbt-icon-button", "aria-label": title, title },
      icon("expand"),
    );
  }

  open(): () => void {
    const { key } = this.options;
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
    const { log, clip, pin } = this.options;
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

  private turn(which: CardOptions["log"]): void {
    which?.set(!which.has());
    this.options.stage.invalidate(this.chart);
  }

  private items(): MenuItem[] {
    const { log, clip, pin, overlay } = this.options;
    const toggle = (word: string, which: CardOptions["log"], key: string): MenuItem[] =>
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
    const { overlay } = this.options;
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
    const { picture } = this.chart.shown ?? {};
    const lines = this.drawn().flatMap(({ line }, i) => {
      const drawn = picture?.lines[i];
      return drawn ? [{ label: line.label, line: drawn }] : [];
    });
    return { title: this.options.key, lines, colors: this.options.stage.colors };
  }

  private async copyPng(): Promise<void> {
    const picture = asPng(this.chart, this.portrait());
    if (picture) await this.hand("image/png", picture, "png");
  }

  private async copySvg(): Promise<void> {
    const { axis, format } = this.options;
    const x = (value: number) =>
      axis() === "step" ? formatCount(Math.round(value)) : (formatTicks([value], 1)[0] ?? "");
    const text = asSvg(this.chart, this.portrait(), { x, y: format ?? formatValue });
    const picture = text && new Blob([text], { type: "text/plain" });
    if (picture) await this.hand("text/plain", Promise.resolve(picture), "svg");
  }

  /** Into the clipboard, or else as a file. */
  private async hand(
    type: "image/png" | "text/plain",
    picture: Promise<Blob>,
    ending: string,
  ): Promise<void> {
    const { key, say } = this.options;
    const word = ending.toUpperCase();
    if (await copy(type, picture)) return say(`${key} is copied as ${word}`);
    download(fileName(key, ending), await picture);
    say(`${key} is saved as ${word}: the page may not use the clipboard`);
  }

  private saveCsv(): void {
    const series = this.drawn().flatMap(({ line }) => (line.series ? [line.series] : []));
    const reduced = series.some((one) => one.reduced);
    const name = fileName(this.options.key, reduced ? "reduced.csv" : "csv");
    download(name, new Blob([asCsv(series)], { type: "text/csv" }));
    const hint = reduced ? "; it is reduced to exact extremes, run.history() has all rows" : "";
    this.options.say(`The data of ${this.options.key} is saved as ${name}${hint}`);
  }
}
