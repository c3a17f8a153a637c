/**
 * uPlot without what no chart here uses: other kinds of lines, and its own labels of dates.
 * Saves a tenth of the panel. Texts are those of the pinned version; one that is not found
 * ends the build.
 */
import { readFileSync } from "node:fs";

const REPLACED = [
  ["(paths.stepped = stepped);", ""],
  ["(paths.bars    = bars);", ""],
  ["(paths.spline  = monotoneCubic);", ""],
  ["uPlot.join = join;", ""],
  ["uPlot.fmtDate = fmtDate;", ""],
  ["uPlot.tzDate  = tzDate;", ""],
  ["uPlot.addGap = addGap;", ""],
  ["uPlot.clipGaps = clipGaps;", ""],
  ["= genTimeStuffs(1);", "= [[], [[]], () => () => []];"],
  ["= genTimeStuffs(1e-3);", "= [[], [[]], () => () => []];"],
  ["(opts.fmtDate || fmtDate)", '(() => () => "")'],
  ["let stamp = fmtDate(dateTpl);", "let stamp = String;"],
];

export function smallerUplot() {
  return {
    name: "smaller-uplot",
    setup({ onLoad }) {
      onLoad({ filter: /uPlot\.esm\.js$/ }, ({ path }) => {
        let contents = readFileSync(path, "utf8");
        for (const [text, instead] of REPLACED) {
          if (contents.split(text).length !== 2) throw new Error(`uPlot has not once: ${text}`);
          contents = contents.replace(text, instead);
        }
        return { contents, loader: "js" };
      });
    },
  };
}
