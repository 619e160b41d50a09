import { expect, test } from "vitest";
import type { Range } from "../../state/range";
import { halves, spanOf } from "./span";

const NOW = new Date("2026-08-04T12:31:00Z").getTime(); // 14:31 in Vienna
const range = (name: Range["name"], from?: string, before?: string): Range => ({
  name,
  label: "",
  asked: { from, before, zone: "Europe/Vienna", project: "default" },
  kept: {}, params: { range: name, from: from ?? null, to: before ?? null },
});
const said = (one: Range, now = NOW) => {
  const { from, before, earlier, unit, periods, name } = spanOf(one, now, "Europe/Vienna");
  return [earlier, from, before, unit, periods, name];
};

test("a week is seven days that have ended, beside the seven before them", () => {
  expect(said(range("7d"))).toEqual(["2026-07-21", "2026-07-28", "2026-08-04", "day", 7, "week"]);
});

test("today is its hours that have ended, beside the same ones of yesterday", () => {
  expect(said(range("today"))).toEqual(["2026-08-03", "2026-08-04", "2026-08-04T12:00:00.000Z", "hour", 14, "day"]);
  expect(said(range("today"), new Date("2026-08-03T22:10:00Z").getTime())).toEqual(["2026-08-02", "2026-08-03", "2026-08-04", "day", 1, "day"]);
});

test("a day that goes on is no part of a range of one's own", () => {
  expect(said(range(null, "2026-08-01", "2026-08-04"))).toEqual(["2026-07-29", "2026-08-01", "2026-08-04", "day", 3, "3 days"]);
  expect(said(range(null, "2026-08-01"))).toEqual(["2026-07-29", "2026-08-01", "2026-08-04", "day", 3, "3 days"]);
  expect(said(range(null, "2026-08-04"))[3]).toBe("hour");
});

test("everything has nothing beside it", () => {
  expect(spanOf(range("all"), NOW, "UTC").earlier).toBeNull();
});

test("one answer over both times is parted at the same hours", () => {
  const span = spanOf(range("today"), NOW, "Europe/Vienna");
  const hours = Array.from({ length: 38 }, (_, hour) => hour);
  const { now, before } = halves(hours, span);
  expect([now[0], now.length, before[0], before.at(-1)]).toEqual([24, 14, 0, 13]);
});
