import { describe, expect, test } from "vitest";
import { contentOf, nearest } from "../src/chart/content";
import { DARK, LIGHT, seriesColor } from "../src/chart/palette";
import { luminance } from "../src/chart/theme";
import { Series } from "../src/data";

function series(values: readonly number[], times?: readonly number[]): Series {
  const made = new Series("loss", "metric");
  const steps = Float64Array.from(values, (_, i) => i);
  made.append(steps, Float64Array.from(times ?? steps), Float64Array.from(values));
  return made;
}

const PLAIN = { axis: "step", smoothing: 0, log: false } as const;

describe("what a chart draws", () => {
  test("values that are not finite are gaps with a mark", () => {
    const content = contentOf(series([1, Number.NaN, Infinity, -Infinity, 2]), PLAIN);

    expect(content.raw).toEqual([1, null, null, null, 2]);
    expect(content.marks).toEqual([
      { x: 1, kind: "nan", y: 1 },
      { x: 2, kind: "high", y: 1 },
      { x: 3, kind: "low", y: 1 },
    ]);
  });

  test("where the machine was not read between two cells there is a gap and no mark", () => {
    const read = new Series("cpu", "system");
    const nothing = new Float64Array(3).fill(Number.NaN);
    read.append(nothing, Float64Array.of(0, 15, 60), Float64Array.of(50, Number.NaN, 70));

    const content = contentOf(read, { ...PLAIN, axis: "time" });

    expect(content.raw).toEqual([50, null, 70]);
    expect(content.marks).toEqual([]);
  });

  test("a logarithmic axis tells how many values it cannot show", () => {
    const content = contentOf(series([1, 0, -1, 10]), { ...PLAIN, log: true });

    expect(content.raw).toEqual([1, null, null, 10]);
    expect(content.belowLog).toBe(2);
  });

  test("x never goes back, whatever the clock did", () => {
    expect(contentOf(series([1, 1, 1], [0, 5, 3]), { ...PLAIN, axis: "time" }).x).toEqual([
      0, 5, 5,
    ]);
  });

  test("smoothing leaves the raw values as they are", () => {
    const content = contentOf(series([0, 10]), { ...PLAIN, smoothing: 0.5 });

    expect(content.raw).toEqual([0, 10]);
    expect(content.smoothed[1]).toBeCloseTo(20 / 3, 12);
    expect(contentOf(series([0, 10]), PLAIN).smoothed).toEqual([]);
  });
});

test("the nearest point is found at every place", () => {
  expect([-1, 0, 4, 6, 12, 99].map((x) => nearest([0, 5, 10], x))).toEqual([0, 0, 1, 1, 2, 2]);
  expect(nearest([], 3)).toBe(-1);
});

describe("the palette", () => {
  type Vector = readonly [number, number, number];
  type Matrix = readonly [Vector, Vector, Vector];

  // Machado, Oliveira and Fernandes (2009), severity 1
  const VISION: Readonly<Record<string, Matrix>> = {
    normal: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    protanopia: [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    deuteranopia: [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
    tritanopia: [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  };

  const times = (matrix: Matrix, [x, y, z]: Vector): Vector => {
    const row = ([a, b, c]: Vector) => a * x + b * y + c * z;
    return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
  };

  const linear = (hex: string): Vector => {
    const channel = (at: number) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    return [channel(1), channel(3), channel(5)];
  };

  const light = ([r, g, b]: Vector) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

  const contrast = (one: string, other: string) => {
    const [low, high] = [light(linear(one)), light(linear(other))].sort((a, b) => a - b);
    return ((high as number) + 0.05) / ((low as number) + 0.05);
  };

  const oklab = (rgb: Vector): Vector => {
    const lms = times(
      [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
      ],
      rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Vector,
    ).map(Math.cbrt) as unknown as Vector;
    return times(
      [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
      ],
      lms,
    );
  };

  const difference = (one: string, other: string, matrix: Matrix) => {
    const [a, b] = [oklab(times(matrix, linear(one))), oklab(times(matrix, linear(other)))];
    return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  };

  test.each(Object.keys(VISION))("any two colours differ with %s vision", (vision) => {
    for (const palette of [LIGHT, DARK]) {
      for (const [i, one] of palette.entries()) {
        for (const other of palette.slice(i + 1)) {
          // 0.02 in OKLab is about what an eye just notices side by side.
          expect(
            difference(one, other, VISION[vision] as Matrix),
            `${one} ${other}`,
          ).toBeGreaterThan(0.09);
        }
      }
    }
  });

  test("every colour stands out from the backgrounds that hosts use", () => {
    for (const color of LIGHT) expect(contrast(color, "#ffffff"), color).toBeGreaterThan(3);
    for (const background of ["#111111", "#212121"]) {
      for (const color of DARK) expect(contrast(color, background), color).toBeGreaterThan(3);
    }
  });

  test("colours begin again after the last", () => {
    expect(seriesColor(LIGHT.length, false)).toBe(LIGHT[0]);
  });
});

test("computed colours of every form have a luminance", () => {
  expect(luminance("rgb(255, 255, 255)")).toBeCloseTo(1, 5);
  expect(luminance("color(srgb 0 0 0 / 0.5)")).toBe(0);
  expect(luminance("color(srgb 1 1 1)")).toBeCloseTo(1, 5);
});
