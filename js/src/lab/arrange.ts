/** Puts `children` into `parent` in their order and moves only what is elsewhere. */
export function arrange(parent: Node, children: readonly Node[]): void {
  let next = parent.firstChild;
  for (const child of children) {
    if (child === next) next = next.nextSibling;
    else parent.insertBefore(child, next);
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    parent.removeChild(gone);
  }
}
