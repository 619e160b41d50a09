import { expect, it } from "vitest";
import { deviations, wilson } from "./interval";

it("gives Wilson's own interval: 8 of 10 lie between 49 and 94 in a hundred", () => {
  const [low, high] = wilson(8, 10, 1.959964);
  expect(low).toBeCloseTo(49.02, 2);
  expect(high).toBeCloseTo(94.33, 2);
});

it("knows nothing of nobody, and stays between none and all", () => {
  expect(wilson(0, 0, 2)).toEqual([0, 100]);
  expect(wilson(0, 5, 2)[0]).toBe(0);
  expect(wilson(5, 5, 2)[1]).toBeCloseTo(100, 9);
});

it("is wider the more rows may differ by chance", () => {
  expect(deviations(1)).toBeCloseTo(1.96, 2);
  expect(deviations(10)).toBeCloseTo(2.807, 2);
});
