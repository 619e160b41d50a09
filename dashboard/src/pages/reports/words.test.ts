import { describe, expect, it } from "vitest";
import { addresses, headline, hours, rule, type Schedule, type Watch } from "./words";

const watch = (other: Partial<Watch>): Watch => ({ name: "Sales", rule: "below", bound: 1000, state: "ok", value: 1200, unit: "EUR", ...other }) as Watch;
const schedule = (other: Partial<Schedule>): Schedule => ({ every: "week", hour: 8, weekday: "monday", day: 1, error: null, ...other }) as Schedule;

describe("reports in words", () => {
  it("names what alerts first, and only then how many there are", () => {
    expect(headline([watch({ state: "alerting", value: 812.5 })], [])).toBe("Sales: 812.50 EUR, below 1,000.");
    expect(headline([watch({ state: "error" })], [schedule({})])).toBe("One of them can't be answered.");
    expect(headline([watch({})], [schedule({})])).toBe("1 figure is watched and 1 report scheduled.");
    expect(headline([], [])).toBe("Nobody is told of anything yet.");
  });
  it("says rules and hours", () => {
    expect(rule(watch({ rule: "falls", bound: 30 }))).toBe("30 % or more down");
    expect(hours(schedule({}))).toBe("every Monday at 8:00");
    expect(hours(schedule({ every: "month", day: 31 }))).toBe("on day 31 of the month at 8:00");
  });
  it("reads addresses however they are parted", () => {
    expect(addresses(" ann@example.com,bob@example.com; eve@example.com\n")).toEqual(["ann@example.com", "bob@example.com", "eve@example.com"]);
  });
});
