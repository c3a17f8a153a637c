/**
 * A page as small as what live updates need of it: elements with places, attributes and the
 * focus, which an element loses when it is taken out or moved, as in a browser.
 */
import { vi } from "vitest";

type Child = PageElement | PageText;

class PageText {
  parent: PageElement | null = null;

  constructor(readonly textContent: string) {}

  isEqualNode(other: unknown): boolean {
    return other instanceof PageText && other.textContent === this.textContent;
  }

  remove(): void {
    this.parent?.drop(this);
  }

  replaceWith(other: Child): void {
    this.parent?.put(other, this);
    this.remove();
  }
}

export class PageElement {
  parent: PageElement | null = null;
  childNodes: Child[] = [];
  readonly style: Record<string, string> = {};
  readonly classList = { add: () => {}, toggle: () => {} };
  readonly dataset: Record<string, string | undefined>;
  value = "";
  title = "";
  hidden = false;
  disabled = false;
  clientHeight = 0;
  scrollTop = 0;
  scrollHeight = 0;
  private readonly named = new Map<string, string>();
  private readonly listeners = new Map<string, ((event: unknown) => void)[]>();

  constructor(
    readonly tagName: string,
    private readonly page: Page,
  ) {
    this.dataset = new Proxy(Object.create(null), {
      get: (_, name) => this.named.get(`data-${dashed(name)}`),
      set: (_, name, value) => {
        this.named.set(`data-${dashed(name)}`, value);
        return true;
      },
    });
  }

  get attributes() {
    return [...this.named].map(([name, value]) => ({ name, value }));
  }

  getAttribute(name: string): string | null {
    return this.named.get(name) ?? null;
  }

  hasAttribute(name: string): boolean {
    return this.named.has(name);
  }

  setAttribute(name: string, value: string): void {
    this.named.set(name, value);
    if (name === "value") this.value = value;
  }

  removeAttribute(name: string): void {
    this.named.delete(name);
  }

  toggleAttribute(name: string, on: boolean): void {
    if (on) this.named.set(name, "");
    else this.named.delete(name);
  }

  get children(): PageElement[] {
    return this.childNodes.filter((one) => one instanceof PageElement);
  }

  get childElementCount(): number {
    return this.children.length;
  }

  get firstElementChild(): PageElement | null {
    return this.children[0] ?? null;
  }

  get lastElementChild(): PageElement | null {
    return this.children.at(-1) ?? null;
  }

  get nextElementSibling(): PageElement | null {
    const siblings = this.parent?.children ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }

  get isConnected(): boolean {
    return this === this.page.body || (this.parent?.isConnected ?? false);
  }

  get textContent(): string {
    return this.childNodes.map((one) => one.textContent).join("");
  }

  set textContent(text: string) {
    this.replaceChildren(text);
  }

  hasChildNodes(): boolean {
    return this.childNodes.length > 0;
  }

  append(...children: (Child | string)[]): void {
    for (const child of children) this.put(child, null);
  }

  insertBefore(child: Child, before: Child | null): void {
    this.put(child, before);
  }

  replaceChildren(...children: (Child | string)[]): void {
    for (const child of [...this.childNodes]) child.remove();
    this.append(...children);
  }

  remove(): void {
    this.parent?.drop(this);
  }

  replaceWith(other: Child): void {
    this.parent?.put(other, this);
    this.remove();
  }

  put(child: Child | string, before: Child | null): void {
    const node = typeof child === "string" ? new PageText(child) : child;
    node.remove();
    const at = before ? this.childNodes.indexOf(before) : this.childNodes.length;
    this.childNodes.splice(at, 0, node);
    node.parent = this;
  }

  drop(child: Child): void {
    if (child instanceof PageElement && child.contains(this.page.activeElement))
      this.page.activeElement = this.page.body;
    this.childNodes = this.childNodes.filter((one) => one !== child);
    child.parent = null;
  }

  contains(other: unknown): boolean {
    return other === this || this.children.some((one) => one.contains(other));
  }

  getRootNode(): Page {
    return this.page;
  }

  isEqualNode(other: unknown): boolean {
    if (!(other instanceof PageElement) || other.tagName !== this.tagName) return false;
    const [mine, others] = [this.attributes, other.attributes];
    return (
      mine.length === others.length &&
      mine.every(({ name, value }) => other.getAttribute(name) === value) &&
      this.childNodes.length === other.childNodes.length &&
      this.childNodes.every((child, i) => child.isEqualNode(other.childNodes[i]))
    );
  }

  focus(): void {
    if (this.isConnected && !this.disabled) this.page.activeElement = this;
  }

  closest(): PageElement | null {
    return null;
  }

  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  /** Lets something happen to the element. */
  fire(type: string, event: object = {}): void {
    for (const listener of this.listeners.get(type) ?? []) listener({ target: this, ...event });
  }

  querySelector(selector: string): PageElement | null {
    return this.querySelectorAll(selector)[0] ?? null;
  }

  /** Knows `tag`, `.class` and `[attribute]`, one of them. */
  querySelectorAll(selector: string): PageElement[] {
    const name = selector.slice(1).replace("]", "");
    const meets = (one: PageElement) => {
      if (selector.startsWith(".")) return one.getAttribute("class")?.split(" ").includes(name);
      return selector.startsWith("[") ? one.hasAttribute(name) : one.tagName === selector;
    };
    const inside = this.children.flatMap((one) => [one, ...one.querySelectorAll(selector)]);
    return [...new Set(inside)].filter(meets);
  }
}

/** The document, with what has the focus. */
export class Page {
  readonly body: PageElement = new PageElement("body", this);
  activeElement: PageElement = this.body;

  readonly createElement = (tag: string) => new PageElement(tag, this);
  readonly createElementNS = (_: string, tag: string) => new PageElement(tag, this);
  readonly createTextNode = (text: string) => new PageText(text);

  /** Puts an element into the page. */
  show<T extends Element>(element: T): PageElement {
    const shown = element as unknown as PageElement;
    this.body.append(shown);
    return shown;
  }
}

/** A new page in place of the browser's. */
export function stubPage(): Page {
  const page = new Page();
  vi.stubGlobal("document", page);
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
  return page;
}

function dashed(name: string | symbol): string {
  return String(name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
