/** A document as small as what makes elements by hand needs it: they can be read as text. */
import { vi } from "vitest";

export class FakeElement {
  readonly attributes = new Map<string, string>();
  readonly style: Record<string, string> = {};
  readonly dataset: Record<string, string> = {};
  children: (FakeElement | string)[] = [];
  hidden = false;
  private readonly listeners = new Map<string, () => void>();

  constructor(readonly tag: string) {}

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  toggleAttribute(name: string, on: boolean): void {
    if (on) this.attributes.set(name, "");
  }

  append(...children: (FakeElement | string)[]): void {
    this.children.push(...children);
  }

  replaceChildren(...children: (FakeElement | string)[]): void {
    this.children = children;
  }

  addEventListener(type: string, listener: () => void): void {
    this.listeners.set(type, listener);
  }

  click(): void {
    this.listeners.get("click")?.();
  }

  get textContent(): string {
    return this.children.map((one) => (typeof one === "string" ? one : one.textContent)).join("");
  }

  set textContent(text: string) {
    this.children = [text];
  }

  /** The first element inside of a kind. */
  find(tag: string): FakeElement | undefined {
    const inside = this.children.filter((one) => one instanceof FakeElement);
    return (
      inside.find((one) => one.tag === tag) ?? inside.map((one) => one.find(tag)).find(Boolean)
    );
  }

  toString(): string {
    const inside = this.children.map(String).join("");
    const href = this.attributes.get("href");
    return `<${this.tag}${href ? ` ${href}` : ""}>${inside}</${this.tag}>`;
  }
}

export function stubDocument(): void {
  const createElement = (tag: string) => new FakeElement(tag);
  const createElementNS = (_: string, tag: string) => new FakeElement(tag);
  vi.stubGlobal("document", { createElement, createElementNS });
}
