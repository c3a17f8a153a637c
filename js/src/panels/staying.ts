/**
 * Elements that stay while what they say changes: a live update takes neither the focus nor a
 * selection, an open menu or the place of scrolling from somebody.
 */

/** Gives an element other children; those that it has already are left alone. */
export function arrange(parent: Element, children: readonly Element[]): void {
  const focused = focusIn(parent);
  const staying = new Set(children);
  for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  // One that had to be moved has lost it.
  if (focused?.isConnected && focusIn(parent) !== focused) focused.focus({ preventScroll: true });
}

/** The same with fresh children: one goes into the child that has its `data-key`. */
export function renew(parent: Element, fresh: readonly HTMLElement[]): void {
  const there = new Map<string | undefined, HTMLElement>();
  for (const child of parent.children as Iterable<HTMLElement>) there.set(child.dataset.key, child);
  const children = fresh.map((child) => {
    const old = there.get(child.dataset.key);
    if (old?.tagName !== child.tagName) return child;
    settle(old, child);
    return old;
  });
  arrange(parent, children);
}

/** Lets an element say what a fresh one says; what listens to it are its own listeners. */
export function settle(old: Element, fresh: Element): void {
  if (old.isEqualNode(fresh)) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const children = [...fresh.children] as HTMLElement[];
  if (children[0]?.dataset.key !== undefined) renew(old, children);
  else settleNodes(old, [...fresh.childNodes]);
}

function settleNodes(old: Element, fresh: readonly ChildNode[]): void {
  const there = [...old.childNodes];
  fresh.forEach((node, i) => {
    const before = there[i];
    if (!before) old.append(node);
    else if (isElement(before) && isElement(node) && before.tagName === node.tagName)
      settle(before, node);
    else if (!before.isEqualNode(node)) before.replaceWith(node);
  });
  for (const node of there.slice(fresh.length)) node.remove();
}

function isElement(node: ChildNode): node is ChildNode & Element {
  return "tagName" in node;
}

/** What has the focus inside of an element, which may stand in a shadow root; null for nothing. */
export function focusIn(element: Element): HTMLElement | null {
  const { activeElement } = element.getRootNode() as Document | ShadowRoot;
  return activeElement && element.contains(activeElement) ? (activeElement as HTMLElement) : null;
}
