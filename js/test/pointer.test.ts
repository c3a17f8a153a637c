import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Pointer } from "../src/chart/pointer";

/** An axis of 100 pixels on which a point stands at each whole number. */
class Axis {
  width = 10;
  went = 0;
  readonly toX = (left: number) => (left / 100) * this.width;
  readonly pointer = new Pointer({
    nearest: (left) => Math.round(this.toX(left)),
    rested: () => this.went++,
  });

  get at(): number | null {
    return this.pointer.at(this.toX);
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a mouse above a live chart", () => {
  test("points at what lies under it while it moves", () => {
    const axis = new Axis();

    axis.pointer.moved(40, true);
    vi.advanceTimersByTime(3_900);
    axis.pointer.moved(52, true);
    vi.advanceTimersByTime(3_900);

    expect(axis.at).toBeCloseTo(5.2);
    expect(axis.went).toBe(0);
  });

  test("that rests stays at its point when the axis goes on", () => {
    const axis = new Axis();
    axis.pointer.moved(52, true);
    vi.advanceTimersByTime(4_000);

    axis.width = 1_000;

    expect(axis.went).toBe(1);
    expect(axis.at).toBe(5);
  });

  test("points at what is under it again when it moves, or when the reader moves the axis", () => {
    const axis = new Axis();
    axis.pointer.moved(52, true);
    vi.advanceTimersByTime(4_000);
    axis.width = 1_000;

    axis.pointer.free();
    expect(axis.at).toBe(520);

    axis.pointer.moved(10, true);
    expect(axis.at).toBe(100);
  });

  test("is forgotten when it leaves, and nothing is said of it later", () => {
    const axis = new Axis();
    axis.pointer.moved(52, true);

    axis.pointer.gone();
    vi.advanceTimersByTime(10_000);

    expect(axis.at).toBeNull();
    expect(axis.went).toBe(0);
  });

  test("above a part that stands still anyway never comes to rest", () => {
    const axis = new Axis();

    axis.pointer.moved(52, false);
    vi.advanceTimersByTime(10_000);
    axis.width = 20;

    expect(axis.at).toBeCloseTo(10.4);
  });
});
