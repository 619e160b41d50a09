import { expect, test } from "vitest";
import { headlineOf, periodsOf, type Reason } from "./counted";

const reason = (code: string, source: string, count: number): Reason => ({ reason: code, meaning: code, source, count }) as Reason;

test("the headline counts all, and of the commonest reason all of its doors", () => {
  const reasons = [reason("no-owner", "http", 3), reason("bad-time", "http", 2), reason("no-owner", "segment", 1)];
  expect(headlineOf({ total: 6, reasons })).toBe("6 events were rejected, 4 of them because no-owner.");
  expect(headlineOf({ total: 1, reasons: [reason("bad-time", "http", 1)] })).toBe("1 event was rejected: bad-time.");
  expect(headlineOf({ total: 0, reasons: [] })).toBe("Nothing was rejected.");
});

test("a period with several reasons is one bar, and a day without any an empty one", () => {
  const of = (begin: string, count: number) => ({ label: "", count, begin, end: "", reason: "" });
  const periods = [of("2026-03-27T23:00:00Z", 1), of("2026-03-27T23:00:00Z", 2), of("2026-03-29T22:00:00Z", 3)];
  const counts = { periods, begin: "2026-03-27T23:00:00Z", end: "2026-03-30T22:00:00Z", zone: "Europe/Berlin" };
  expect(periodsOf(counts, "day")).toEqual([
    { label: "2026-03-28", count: 3 },
    { label: "2026-03-29", count: 0 },
    { label: "2026-03-30", count: 3 },
  ]);
});
