/**
 * Elements made by hand. Whatever a run says becomes text here and nothing else: no
 * function of this module, and no caller of it, parses HTML.
 */

export type Child = Node | string | null | undefined;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Makes an element: `h("button", { class: "quiet", "aria-pressed": false }, "Stop")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (typeof value === "boolean" && !name.startsWith("aria-"))
      element.toggleAttribute(name, value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Writes text only where it is another one: a selection in it stays. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** What has to be undone when a component goes. */
export class Scope {
  private readonly controller = new AbortController();
  private readonly cleanups: (() => void)[] = [];

  /** @param failed takes what listeners and timers throw; without it, the page does. */
  constructor(private readonly failed?: (error: unknown) => void) {}

  add(cleanup: () => void): void {
    this.cleanups.push(cleanup);
  }

  listen<K extends keyof HTMLElementEventMap>(
    target: HTMLElement,
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ): void {
    const { signal } = this.controller;
    target.addEventListener(type, (event) => this.attempt(() => listener(event)), {
      ...options,
      signal,
    });
  }

  every(interval_s: number, action: () => void): void {
    const timer = setInterval(() => this.attempt(action), interval_s * 1000);
    this.add(() => clearInterval(timer));
  }

  /** Calls `action` in the next frame, once for however often this is said before. */
  inFrame(action: () => void): () => void {
    let frame = 0;
    this.add(() => cancelAnimationFrame(frame));
    return () => {
      if (frame !== 0) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        this.attempt(action);
      });
    };
  }

  /** Does something whose trouble goes to `failed`. */
  attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!this.failed) throw error;
      this.failed(error);
    }
  }

  release(): void {
    this.controller.abort();
    for (const cleanup of this.cleanups.splice(0).reverse()) cleanup();
  }
}

export { matcher } from "../data/linetest";
