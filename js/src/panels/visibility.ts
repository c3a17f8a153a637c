/** Whether somebody can see a view. */
import type { Scope } from "./dom";

/** Tells when the view comes into sight and leaves it: the element's place and the page's. */
export function watchVisibility(
  root: HTMLElement,
  scope: Scope,
  changed: (visible: boolean) => void,
): void {
  let inSight = false;
  const tell = () => changed(inSight && !document.hidden);
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1)?.isIntersecting ?? false;
    tell();
  });
  observer.observe(root);
  document.addEventListener("visibilitychange", tell);
  scope.add(() => {
    observer.disconnect();
    document.removeEventListener("visibilitychange", tell);
  });
}
