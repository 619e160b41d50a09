import { expect, test } from "vitest";
import { duration, isoDay, when } from "./times";

const NOW = "2026-08-04T14:31:00Z";

test("a time is as short as it can be told from now", () => {
  const told = ["2026-08-04T12:31:08Z", "2026-08-03T12:31:00Z", "2023-08-03T12:31:00Z"].map((time) => when(time, "Europe/Berlin", NOW));
  expect(told).toEqual(["14:31", "3 Aug 14:31", "3 Aug 2023"]);
});

test("days are the zone's", () => {
  expect([isoDay("2026-08-04T22:30:00Z", "Europe/Berlin"), isoDay("2026-08-04T22:30:00Z", "UTC")]).toEqual(["2026-08-05", "2026-08-04"]);
});

test("durations say what matters at their length", () => {
  expect([0.8, 42, 665, 7440, 90_000].map(duration)).toEqual(["0.8 s", "42 s", "11 min 05 s", "2 h 04 min", "1 day 1 h"]);
});
