/**
 * Colours of series. Six hues, in the same order for light and dark backgrounds, chosen so
 * that any two differ for readers with protanopia, deuteranopia and tritanopia too, and all
 * stand out from the background by 3:1 or more (test/palette.test.ts measures both).
 */

export const LIGHT = ["#1279ee", "#a5420f", "#17695f", "#c84bb2", "#99881f", "#521a91"] as const;
export const DARK = ["#5c92f7", "#f0934f", "#62dfcb", "#c26fa8", "#ecdc55", "#b6b2fb"] as const;

/** The colour of the series with a number; after six they begin again. */
export function seriesColor(index: number, dark: boolean): string {
  const palette = dark ? DARK : LIGHT;
  return palette[((index % palette.length) + palette.length) % palette.length] as string;
}

/** Dashes and gaps of lines whose colour is there already, CSS pixels. */
const DASHES = [undefined, [6, 3], [2, 2], [9, 3, 2, 3]] as const;

/** How the line with a number is dashed: the first six are solid. */
export function dashOf(index: number): readonly number[] | undefined {
  return DASHES[Math.floor(index / LIGHT.length) % DASHES.length];
}
