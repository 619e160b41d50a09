import { expect, test } from "vitest";
import { behind, finding, isOpen, lived, written } from "./figures";
import { readOpened, writeOpened, type Cell, type Cohort, type Part } from "./question";

const cell = (period: number, people: number | null, size: number): Cell => ({ period, people, share: people === null ? null : (100 * people) / size, money: null });
const cohort = (label: string, size: number, active: readonly (number | null)[]): Cohort => ({ begin: `${label}T00:00:00Z`, end: "", label, size, unfinished: false, cells: active.map((people, period) => cell(period, people, size)) });
const part = (...cohorts: Cohort[]): Part => ({ value: null, other: false, cohorts, overall: [] });

test("a period that has not ended says nothing, one in which nobody came says 0", () => {
  const one = cohort("2026-08-03", 50, [50, 0, null]);
  const [, none, open] = one.cells as [Cell, Cell, Cell];
  expect(written(none, one, "share", "EUR")).toBe("0.0%");
  expect([isOpen(open), written(open, one, "share", "EUR")]).toEqual([true, null]);
});

test("few people are counted, not turned into percent", () => {
  const few = cohort("2026-08-03", 12, [12, 3]);
  expect(written(few.cells[1]!, few, "share", "EUR")).toBe("3 of 12");
});

test("money opens those who bought", () => {
  const bought: Cell = { ...cell(0, 50, 50), money: { buyers: 7, purchases: 9, revenue: "812.50", refunds: "0.00", lifetime: "16.25" } };
  expect(behind(bought, "revenue")).toBe(7);
  expect(behind(bought, "share")).toBe(50);
  expect(written(bought, cohort("", 50, []), "lifetime", "EUR")).toBe("€16.25");
});

test("empty cohorts before the first one are none", () => {
  expect(lived([cohort("a", 0, []), cohort("b", 4, []), cohort("c", 0, [])]).map((one) => one.label)).toEqual(["b", "c"]);
});

test("the finding is of cohorts whose next period has ended, each person counted once", () => {
  expect(finding(part(cohort("a", 100, [100, 30]), cohort("b", 300, [300, 50]), cohort("c", 900, [900, null])), "week")).toBe("20.0% come back in the week after their first.");
  expect(finding(part(cohort("c", 900, [900, null])), "week")).toBe("No week after the first has ended yet.");
  expect(finding(part(cohort("a", 9, [9, 2])), "day")).toBe("2 of 9 came back in the day after their first.");
});

test("what is open in the address is read as it was written", () => {
  for (const opened of [{ cohort: "2026-08-03T00:00:00Z", period: null }, { cohort: "2026-08-03T00:00:00Z", period: 0 }]) expect(readOpened(writeOpened(opened))).toEqual(opened);
});
