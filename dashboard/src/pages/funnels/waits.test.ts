import { expect, test } from "vitest";
import { waitsInWords } from "./waits";

test("a histogram says which time is the most frequent, of how many", () => {
  const bins = [
    { from_seconds: 0, before_seconds: 5, people: 1 },
    { from_seconds: 5, before_seconds: 10, people: 3 },
    { from_seconds: 7_776_000, before_seconds: null, people: 2 },
  ];
  expect(waitsInWords(bins)).toBe("Time since the step before, most often 5 s to 10 s: 3 of 6");
  expect(waitsInWords(bins.slice(0, 1))).toBe("Time since the step before, most often under 5 s: 1 of 1");
  expect(waitsInWords([])).toBe("Time since the step before: nobody came so far");
});
