/** A document as small as what makes elements by hand needs it: they can be read as text. */
import { vi } from "vitest";

class Node {
  readonly attributes = new Map<string, string>();
  readonly children: (Node | string)[] = [];
  readonly style: Record<string, string> = {};

  constructor(readonly tag: string) {}

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  toggleAttribute(name: string, on: boolean): void {
    if (on) this.attributes.set(name, "");
  }

  append(...children: (Node | string)[]): void {
    this.children.push(...children);
  }

  toString(): string {
    const inside = this.children.map(String).join("");
    const href = this.attributes.get("href");
    return `<${this.tag}${href ? ` ${href}` : ""}>${inside}</${this.tag}>`;
  }
}

export function stubDocument(): void {
  vi.stubGlobal("document", { createElement: (tag: string) => new Node(tag) });
}
