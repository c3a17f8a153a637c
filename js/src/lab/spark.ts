/** The course of a run's main metric, as large as a word. */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 60;
const HEIGHT = 16;
const MARGIN = 1.5; // half of the stroke, and the dot at the end

/** Path of the line; a gap (null) interrupts it. Empty when there is nothing to draw. */
export function sparkPath(values: readonly (number | null)[]): string {
  const { x, y } = scales(values);
  let path = "";
  let pen = false;
  values.forEach((value, i) => {
    if (value === null) {
      pen = false;
      return;
    }
    path += `${pen ? "L" : "M"}${x(i)} ${y(value)}`;
    pen = true;
  });
  return path;
}

/** Draws the line, with a dot at its end while the run goes on. */
export function drawSpark(svg: SVGElement, values: readonly (number | null)[], live: boolean) {
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.replaceChildren();
  if (values.filter((value) => value !== null).length < 2) return;
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", sparkPath(values));
  svg.append(line);
  const last = values.findLastIndex((value) => value !== null);
  if (!live || last < 0) return;
  const { x, y } = scales(values);
  const dot = document.createElementNS(SVG, "circle");
  dot.setAttribute("cx", String(x(last)));
  dot.setAttribute("cy", String(y(values[last] as number)));
  dot.setAttribute("r", "1.8");
  svg.append(dot);
}

function scales(values: readonly (number | null)[]) {
  const finite = values.filter((value): value is number => value !== null);
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low;
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    x: (i: number) => round(MARGIN + (i / Math.max(1, values.length - 1)) * (WIDTH - 2 * MARGIN)),
    // A flat line stands in the middle.
    y: (value: number) =>
      round(HEIGHT - MARGIN - (span === 0 ? 0.5 : (value - low) / span) * (HEIGHT - 2 * MARGIN)),
  };
}
