import { expect, test } from "vitest";
import { headlineOf, ledeOf, size, usualOf, type Books } from "./figures";

const total = { received: 12, duplicates: 5, bots: 1, rejected: 2, counted: 4, late: 0 };
const kept = { events: 5, bots: 1, rejected: 2, removed: 0, unbooked: 0 };
const reason = { reason: "no-owner", meaning: "it names nobody", count: 2, last: "" };

test("the headline counts all, and says how many want somebody", () => {
  expect(headlineOf({ total, kept })).toBe("All 12 events are accounted for. 2 of them need you.");
  expect(headlineOf({ total: { ...total, rejected: 0 }, kept })).toBe("All 12 events are accounted for.");
  expect(headlineOf({ total: { ...total, received: 0 }, kept })).toBe("Nothing arrived in this range.");
  expect(headlineOf({ total, kept: { ...kept, unbooked: 3 } })).toBe("3 events are kept that no book has.");
  expect(ledeOf({ total, kept, reasons: [reason] })).toBe("Refused: it names nobody. They wait here and lose nothing.");
});

const hour = 3_600_000;
const periods = (counts: readonly number[]): Books["periods"] =>
  counts.map((bots, at) => ({ ...total, received: 1000, bots, label: "", begin: new Date(at * hour).toISOString(), end: new Date((at + 1) * hour).toISOString() }));

test("twice the usual wants cases and a past; the period that goes on is no news", () => {
  const past = [20, 20, 20, 20, 20, 20, 20];
  expect(usualOf({ periods: periods([...past, 80]) }, "bots", 8 * hour).word).toBe("4 times the usual");
  expect(usualOf({ periods: periods([...past, 25]) }, "bots", 8 * hour).word).toBe("As usual");
  expect(usualOf({ periods: periods([...past, 80]) }, "bots", 7.5 * hour).word).toBe("Too early to say what is usual");
  expect(usualOf({ periods: periods([1, 2, 80]) }, "bots", 8 * hour).word).toBe("Too early to say what is usual");
});

test("before anything is usual, none is told from too early", () => {
  expect(usualOf({ periods: periods([0, 0]) }, "bots", hour).word).toBe("None");
  expect(usualOf({ periods: periods([0, 9]) }, "bots", hour).word).toBe("Too early to say what is usual");
});

test("bytes are told in the unit that people read", () => {
  expect([size(0), size(999), size(1_250_000), size(29_600_000_000)]).toEqual(["0 bytes", "999 bytes", "1.25 MB", "29.6 GB"]);
});
