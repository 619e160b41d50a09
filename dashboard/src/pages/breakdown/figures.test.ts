import { expect, it } from "vitest";
import { greatest, written, type Figure } from "./figures";
import type { Schema } from "../../api/client";

type Sessions = Schema<"SessionRow">;
const row = (more: Partial<Sessions>): Sessions => ({
  ...{ value: "direct", sessions: 40, share: 50, people: 30, bounces: 3, bounce_rate: 7.5, conversions: 1, conversion_rate: 2.5 },
  ...{ purchases: 1, revenue: "9.50", avg_duration_minutes: 1.5 },
  ...more,
});
const RATE: Figure<Sessions> = { key: "conversion_rate", head: "", means: "", as: "percent", of: ["conversions", "sessions"] };

it("writes counts instead of a percentage under thirty cases", () => {
  expect(written(RATE, row({}), "EUR")).toBe("2.50%");
  expect(written(RATE, row({ sessions: 29, conversion_rate: 100 / 29 }), "EUR")).toBe("1 of 29");
  expect(written(RATE, row({ sessions: 0, conversion_rate: null }), "EUR")).toBe("–");
});

it("writes money, minutes and nothing", () => {
  expect(written({ key: "revenue", head: "", means: "", as: "money" }, row({}), "EUR")).toBe("€9.50");
  expect(written({ key: "avg_duration_minutes", head: "", means: "", as: "minutes" }, row({}), "EUR")).toBe("1 min 30 s");
  expect(written({ key: "avg_duration_minutes", head: "", means: "", as: "minutes" }, row({ avg_duration_minutes: null }), "EUR")).toBe("–");
});

it("finds the greatest by number, money too, and the first of equal ones", () => {
  const rows = [row({ revenue: "9.50" }), row({ value: "paid", revenue: "100.00" }), row({ value: "mail", revenue: "100.00" })];
  expect(greatest(rows, "revenue")?.value).toBe("paid");
  expect(greatest([], "revenue" as never)).toBeUndefined();
});
