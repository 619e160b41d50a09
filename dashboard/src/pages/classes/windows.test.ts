import { expect, test } from "vitest";
import type { Schema } from "../../api/client";
import { MOST, total, windowsOf } from "./windows";

const row = (minute: number, visitor_class: string, session_count: number, open = false): Schema<"ClassShare"> => ({
  window_start: new Date(Date.UTC(2026, 7, 4, 12, minute)).toISOString(),
  window_end: new Date(Date.UTC(2026, 7, 4, 12, minute + 5)).toISOString(),
  visitor_class,
  icon: "",
  session_count,
  share: 0,
  unique_users: 0,
  total_revenue: "0.00",
  avg_duration_minutes: 0,
  open,
});

test("a window in which nothing ended is drawn as none, and time runs forward", () => {
  const found = windowsOf([row(15, "browser", 2), row(0, "bouncer", 3), row(0, "power_user", 1)], false);
  expect(found.map(total)).toEqual([4, 0, 0, 2]);
});

test("a window is open while its sessions may go on, not for as long as late events may come", () => {
  const rows = [row(0, "bouncer", 3, true), row(5, "browser", 2, true)];
  const now = Date.UTC(2026, 7, 4, 12, 38);
  expect(windowsOf(rows, false, now).map((window) => window.open)).toEqual([false, true]);
  expect(windowsOf(rows, false, now + 300_000).map((window) => window.open)).toEqual([false, false]);
});

test("a page may cut its oldest window, which is then not told", () => {
  expect(windowsOf([row(5, "browser", 2), row(0, "bouncer", 3)], true).map(total)).toEqual([2]);
  expect(windowsOf([], false)).toEqual([]);
});

test("no more than six hours are drawn", () => {
  expect(windowsOf([row(0, "browser", 1), row(1000, "browser", 1)], false)).toHaveLength(MOST);
});
