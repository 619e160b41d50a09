import { expect, test } from "vitest";
import { apart, findingOf, WINDOW_MS, WINDOWS, windowsOf } from "./windows";

test("labels are pushed upwards, apart, and keep their order", () => {
  expect(apart([100, 99, 98, 20], 17)).toEqual([100, 83, 66, 20]);
  expect(apart([100, 100], 17)).toEqual([100, 83]);
});

test("windows without a session are 0, the last one is open, and later ones are left out", () => {
  const now = Date.parse("2026-08-04T14:31:10Z");
  const share = (start: string, visitor_class: string, session_count: number) => ({
    window_start: start,
    window_end: start,
    visitor_class,
    session_count,
    icon: "",
    share: 0,
    unique_users: 0,
    total_revenue: "0.00",
    avg_duration_minutes: 0,
    open: true,
  });
  const windows = windowsOf([share("2026-08-04T14:30:00Z", "browser", 3), share("2026-08-04T14:20:00Z", "bouncer", 2), share("2026-08-04T23:00:00Z", "bouncer", 9)], now);
  expect(windows).toHaveLength(WINDOWS + 1);
  expect(windows.at(-1)).toMatchObject({ start: Date.parse("2026-08-04T14:30:00Z"), total: 3 });
  expect(windows.at(-3)?.counts.bouncer).toBe(2);
  expect(windows.reduce((sum, one) => sum + one.total, 0)).toBe(5);
});

test("a finding is said only of many sessions, and of one class that leads", () => {
  const window = (bouncer: number, browser: number) => ({ start: 0, counts: { bouncer, browser, engaged_shopper: 0, power_user: 0 }, total: bouncer + browser });
  const open = window(0, 0);
  expect(findingOf([window(60, 40), open])).toBe("6 in 10 ended as bouncers");
  expect(findingOf([window(51, 49), open])).toBe("Sessions by class");
  expect(findingOf([window(6, 4), open])).toBe("Sessions by class");
  expect(WINDOW_MS).toBe(300_000);
});
