import { expect, test } from "vitest";
import { headlineOf, periodsOf, type Reason } from "./counted";

const reason = (code: string, source: string, count: number): Reason => ({ reason: code, meaning: code, source, count }) as Reason;

test("the headline counts all, and of the commonest reason all of its doors", () => {
  const reasons = [reason("no-owner", "http", 3), reason("bad-time", "http", 2), reason("no-owner", "segment", 1)];
  expect(headlineOf({ total: 6, reasons })).toBe("6 events were rejected, 4 of them because no-owner.");
  expect(headlineOf({ total: 1, reasons: [reason("bad-time", "http", 1)] })).toBe("1 event was rejected: bad-time.");
  expect(headlineOf({ total: 0, reasons: [] })).toBe("Nothing was rejected.");
});

test("a period with several reasons is one bar", () => {
  const of = (label: string, count: number) => ({ label, count, begin: "", end: "", reason: "" });
  expect(periodsOf({ periods: [of("a", 1), of("a", 2), of("b", 3)] })).toEqual([{ label: "a", count: 3 }, { label: "b", count: 3 }]);
});
