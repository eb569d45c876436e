import { describe, expect, it } from "vitest";
import { gap, labels, linear, runs, ticks } from "../src/scale";

const HOUR = 3_600_000;

describe("axes", () => {
  it.each([
    [88, 126, [80, 100, 120, 140]],
    [37.4, 39.2, [37, 38, 39, 40]],
    [0, 6, [0, 2, 4, 6]],
    [4, 4, [3.5, 4, 4.5]],
    [20, 27, [20, 25, 30]],
    [-0.3, 0.6, [-0.5, 0, 0.5, 1]],
  ])("%s to %s lies between round numbers", (low, high, expected) => {
    const made = ticks(low, high);
    expect(made).toEqual(expected);
    expect(made[0]).toBeLessThanOrEqual(low);
    expect(made.at(-1)).toBeGreaterThanOrEqual(high);
  });

  it.each([
    [[0, 20, 40], ["0", "20", "40"]],
    [[1.5, 2, 2.5], ["1.5", "2.0", "2.5"]],
    [[4.7, 4.75, 4.8], ["4.70", "4.75", "4.80"]],
  ])("%j has as many decimals everywhere", (marks, texts) => {
    expect(labels(marks)).toEqual(texts);
  });

  it("places values between start and end, and a single one in the middle", () => {
    expect(linear({ from: 0, to: 10 }, 100, 0)(2.5)).toBe(75);
    expect(linear({ from: 5, to: 5 }, 0, 100)(5)).toBe(50);
  });
});

describe("gaps", () => {
  it("are three times the usual distance, at least what belongs together", () => {
    expect(gap([0, HOUR, 2 * HOUR, 3 * HOUR], HOUR)).toBe(3 * HOUR);
    expect(gap([0, 60_000, 120_000], HOUR)).toBe(HOUR);
    expect(gap([7], HOUR)).toBe(HOUR);
  });

  it("stay gaps: no line is drawn across", () => {
    const points = [0, 1, 2, 9, 10].map((hour) => ({ t: hour * HOUR }));
    expect(runs(points, 3 * HOUR).map((run) => run.length)).toEqual([3, 2]);
  });
});
