/** What a hand on mouse, wheel or keyboard wants of a chart. The page keeps its own wheel. */
import { firstFrom, nearest } from "./content";
import { moved, type Range, scaled } from "./ranges";

/** A turn of the wheel by 100 pixels zooms by a fifth. */
const PER_PIXEL = Math.log(1.2) / 100;
const ZOOM = 0.6;
const PAN = 0.25;

/**
 * With Ctrl or ⌘ the wheel zooms around the pointer; turned sideways it moves along.
 *
 * @returns the range to show; null where the page should scroll.
 */
export function wheeled(event: WheelEvent, range: Range, at: number): Range | null {
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    return scaled(range, at, Math.exp(event.deltaY * PER_PIXEL));
  }
  if (Math.abs(event.deltaX) <= 2 * Math.abs(event.deltaY)) return null;
  event.preventDefault();
  return moved(range, event.deltaX / 1000);
}

/**
 * With Shift, or with the middle button, dragging moves along.
 *
 * @param width_px of the plot.
 * @returns false where this is another gesture.
 */
export function panning(
  event: MouseEvent,
  range: Range,
  width_px: number,
  show: (range: Range) => void,
): boolean {
  if (!event.shiftKey && event.button !== 1) return false;
  event.preventDefault();
  const drag = (to: MouseEvent) => show(moved(range, (event.clientX - to.clientX) / width_px));
  const end = () => {
    document.removeEventListener("mousemove", drag);
    document.removeEventListener("mouseup", end);
  };
  document.addEventListener("mousemove", drag);
  document.addEventListener("mouseup", end);
  return true;
}

/** Where a chart stands when a key is pressed. */
interface Stand {
  readonly range: Range;
  /** Of the crosshair; null where it is away. */
  readonly x: number | null;
  readonly points: ArrayLike<number>;
}

/**
 * Arrows move the crosshair along the points, Home and End to the ends, Page Up and Page
 * Down move along, + and - zoom, 0 and Escape show everything.
 *
 * @returns a place for the crosshair, a range to show, `reset`, or null for any other key.
 */
export function keyed(event: KeyboardEvent, stand: Stand): number | Range | "reset" | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const { range } = stand;
  const around = stand.x ?? (range.low + range.high) / 2;
  switch (event.key) {
    case "+":
    case "=":
      return scaled(range, around, ZOOM);
    case "-":
      return scaled(range, around, 1 / ZOOM);
    case "PageUp":
      return moved(range, -PAN);
    case "PageDown":
      return moved(range, PAN);
    case "0":
    case "Escape":
      return "reset";
    default:
      return crossed(event, stand);
  }
}

/** Only points that can be seen: the crosshair stays in the picture. */
function crossed(event: KeyboardEvent, { range, x, points }: Stand): number | null {
  const all = points as number[];
  const first = firstFrom(all, range.low);
  const last =
    firstFrom(all, range.high) - (all[firstFrom(all, range.high)] === range.high ? 0 : 1);
  if (first > last) return null;
  const stride = event.shiftKey ? Math.max(1, Math.round((last - first) / 20)) : 1;
  const from = x === null ? null : nearest(all, x);
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: from === null ? last : from - stride,
    ArrowRight: from === null ? first : from + stride,
    Home: first,
    End: last,
  };
  const target = targets[event.key];
  return target === undefined ? null : (all[Math.max(first, Math.min(last, target))] as number);
}
