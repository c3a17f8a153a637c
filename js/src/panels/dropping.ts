/** Charts that are dragged by their headers onto others. */

/** Known to nobody else: a chart that is dropped into a cell's text leaves nothing there. */
const TYPE = "application/x-nbtrack-chart";

/**
 * Lets a card be dragged by its header, and others be dropped on it.
 *
 * @param dropped is told the id of the card that was dropped.
 * @returns the function that ends it.
 */
export function dropTarget(card: HTMLElement, id: string, dropped: (id: string) => void) {
  const controller = new AbortController();
  const { signal } = controller;
  const header = card.querySelector("header");
  header?.setAttribute("draggable", "true");
  const over = (event: DragEvent, isOver: boolean) => {
    if (!event.dataTransfer?.types.includes(TYPE)) return;
    event.preventDefault();
    event.stopPropagation();
    card.classList.toggle("nbt-drop", isOver);
  };
  header?.addEventListener(
    "dragstart",
    (event) => {
      event.stopPropagation();
      event.dataTransfer?.setData(TYPE, id);
    },
    { signal },
  );
  card.addEventListener("dragover", (event) => over(event, true), { signal });
  card.addEventListener("dragleave", (event) => over(event, false), { signal });
  card.addEventListener(
    "drop",
    (event) => {
      over(event, false);
      const other = event.dataTransfer?.getData(TYPE) ?? "";
      if (other && other !== id) dropped(other);
    },
    { signal },
  );
  return () => controller.abort();
}
