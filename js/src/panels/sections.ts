/** Charts in foldable sections by name, those that somebody pinned above all others. */
import { h, type Scope } from "./dom";
import { Section } from "./section";

const PINNED = "Pinned";

/** The first part of a key is its section; keys without one stand here. */
const NO_PREFIX = "Charts";

/** A key's section, what stands before its first `/`, and what is left of it as a title. */
export function sectionOf(key: string): { readonly section: string; readonly title: string } {
  const slash = key.indexOf("/");
  const prefixed = slash > 0 && slash < key.length - 1;
  return {
    section: prefixed ? key.slice(0, slash) : NO_PREFIX,
    title: (prefixed ? key.slice(slash + 1) : key) || "(no name)",
  };
}

export class Sections {
  readonly element = h("div", { class: "nbt-grid" });
  private readonly named = new Map<string, Section>();
  private readonly pinned: Section;

  /**
   * @param collapsed names of sections that are folded; kept up to date.
   * @param pins ids of charts that are pinned.
   * @param opened a section was opened: its charts are to be drawn.
   */
  constructor(
    private readonly scope: Scope,
    private readonly collapsed: Set<string>,
    private readonly pins: ReadonlySet<string>,
    private readonly opened: () => void,
  ) {
    this.pinned = new Section(scope, PINNED, 0, collapsed, opened);
    this.element.append(this.pinned.element);
  }

  /** Number of the colour of a section's charts. */
  colorOf(name: string): number {
    return this.section(name).color;
  }

  /** Puts a chart where it belongs now: at its place, or on top when it is pinned. */
  put(id: string, name: string, card: HTMLElement): void {
    const own = this.section(name);
    const isPinned = this.pins.has(id);
    (isPinned ? own : this.pinned).take(id);
    (isPinned ? this.pinned : own).put(id, card);
  }

  /** Takes a chart out; its place stays known. */
  take(id: string, name: string): void {
    this.section(name).take(id);
    this.pinned.take(id);
  }

  /** Shows the charts that match and returns how many those are. */
  filter(matches: (id: string) => boolean): number {
    let shown = this.pinned.filter(matches);
    for (const section of this.named.values()) shown += section.filter(matches);
    return shown;
  }

  private section(name: string): Section {
    let section = this.named.get(name);
    if (!section) {
      const { scope, collapsed, opened } = this;
      section = new Section(scope, name, this.named.size, collapsed, opened);
      this.named.set(name, section);
      this.element.append(section.element);
    }
    return section;
  }
}
