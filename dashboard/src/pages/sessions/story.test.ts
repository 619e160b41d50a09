import { expect, test } from "vitest";
import type { Schema } from "../../api/client";
import { headlineOf, since, verdictOf, whyThen } from "./story";

const NOTHING = { total_events: 1, page_count: 0, view_count: 0, cart_count: 0, purchase_count: 0, unique_products: 0, session_duration_minutes: 0, total_amount: null };
const session = (figures: Partial<Schema<"SessionItem">>): Schema<"SessionItem"> => ({ ...NOTHING, ...figures }) as Schema<"SessionItem">;

test("a headline says only what happened", () => {
  expect(headlineOf(session({}), "EUR")).toBe("Did one thing.");
  expect(headlineOf(session({ page_count: 2, session_duration_minutes: 0.5 }), "EUR")).toBe("Saw 2 pages in 30 s.");
  expect(headlineOf(session({ view_count: 9, unique_products: 8, cart_count: 1, purchase_count: 1, total_amount: "57.80", session_duration_minutes: 34.9 }), "EUR")).toBe(
    "Looked at 8 products, put one thing into the cart and ordered for €57.80 in 34 minutes.",
  );
});

test("why then is said with its figures and limits; other words stay", () => {
  expect(whyThen(["total_events ≥ 10 (11)", "session_duration_minutes ≥ 10 (11.1)"])).toBe("11 events (limit 10) and 11.1 minutes (limit 10)");
  expect(whyThen(["no higher class's clauses held"])).toBe("no higher class's clauses held");
});

test("a rule that does not hold says what is short where one clause is", () => {
  const clause = (figure: string, value: number, at_least: number) => ({ figure, value, at_least, held: value >= at_least });
  const rule = { visitor_class: "power_user", score: 100, held: false, decided: false };
  expect(verdictOf({ ...rule, any_of: [[clause("total_events", 27, 30), clause("session_duration_minutes", 34.2, 30)]] })).toBe("not yet: 3 events short");
  expect(verdictOf({ ...rule, any_of: [[clause("total_events", 27, 30), clause("session_duration_minutes", 4, 30)]] })).toBe("not yet");
  expect(verdictOf({ ...rule, any_of: [], held: true })).toBe("also held, not needed");
});

test("times are told from the begin", () => {
  expect(since("2026-08-04T12:07:11Z", "2026-08-04T12:18:17Z")).toBe("11:06");
  expect(since("2026-08-04T12:07:11Z", "2026-08-04T14:07:12Z")).toBe("2:00:01");
});
