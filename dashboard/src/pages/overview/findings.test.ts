import { describe, expect, test } from "vitest";
import type { Schema } from "../../api/client";
import { cartsLost, channelApart, classMoved, hoursApart, newcomersApart, productUnbought, revenueChanged, worthKnowing, type Facts, type Finding, type ProductRow, type SessionRow } from "./findings";
import { headlineOf } from "./headline";

const BEFORE = [1000, 1200, 1100, 1300, 1050, 1400, 1250];
const facts = (part: Partial<Facts> = {}): Facts => ({
  currency: "EUR",
  span: "week",
  range: { from: "2026-07-28", to: "2026-08-04" },
  revenue: { now: BEFORE.map((value) => value + 100 + (value % 7)), before: BEFORE },
  purchases: { now: BEFORE.map(() => 20), before: BEFORE.map(() => 20) },
  sessions: { now: BEFORE.map(() => 500), before: BEFORE.map(() => 500) },
  ...part,
});
const session = (value: string, sessions: number, conversions: number, revenue = conversions * 50): SessionRow => ({ value, sessions, share: null, people: sessions, bounces: 0, bounce_rate: 0, conversions, conversion_rate: null, purchases: conversions, revenue: String(revenue), avg_duration_minutes: 1 });
const product = (value: string, viewers: number, buyers: number, price = 10): ProductRow => ({ value, views: viewers, carts: buyers, purchases: buyers, revenue: String(buyers * price), viewers, carters: buyers, buyers, view_to_cart_rate: null, cart_to_purchase_rate: null, overall_conversion_rate: null });
const text = (finding: Finding | null): string => (finding?.said ?? []).map((word) => (typeof word === "string" ? word : word.strong)).join("");
const step = (people: number, dropped: number | null): Schema<"StepItem"> => ({ number: 1, step: "", people, of_first: null, of_before: null, dropped, median_seconds: null, p90_seconds: null, median_seconds_since_before: null, p90_seconds_since_before: null, waits: [] });

describe("revenue", () => {
  test("what made the difference adds up to it, to the cent", () => {
    const found = revenueChanged(facts({ sessions: { now: BEFORE.map(() => 450), before: BEFORE.map(() => 500) } }));
    const rows = found?.picture.kind === "steps" ? found.picture.rows : [];
    expect(rows.map((row) => row.name)).toEqual(["Fewer visits", "More of them buy", "Bigger baskets", "In all"]);
    expect(rows.slice(0, 3).reduce((all, row) => all + row.value, 0)).toBeCloseTo(rows[3]?.value ?? NaN, 6);
  });

  test("nothing is said of a difference that one day made", () => {
    expect(revenueChanged(facts({ revenue: { now: BEFORE.map((value, day) => (day === 2 ? value + 900 : value)), before: BEFORE } }))).toBeNull();
  });
});

test("carts lost are the funnel's own number, and lead to it", () => {
  const found = cartsLost(facts(), [step(2450, null), step(900, 1550), step(400, 500)], { by: "session" });
  expect(text(found)).toBe("56% of the sessions that fill a cart end without an order: 500 of 900.");
  expect(found?.link).toMatchObject({ drill: { shown: 500, params: { by: "session", at: 3, dropped: true } } });
  expect(cartsLost(facts(), [step(50, null), step(20, 30), step(1, 19)], {})).toBeNull();
});

test("of the channels apart the one with most money is told, against all others together", () => {
  const rows = [session("direct", 5000, 500), session("email", 1000, 180), session("social", 400, 12), session("paid", 1000, 101)];
  const found = channelApart(facts(), rows, session("", 7400, 793));
  expect(text(found)).toBe("Visits from email end in an order more often: 18.0% of them, and 9.6% of all others.");
  expect(channelApart(facts(), [session("direct", 5000, 500), session("paid", 1000, 105)], session("", 6000, 605))).toBeNull();
});

test("a product that nobody buys is told by counts, one that few saw is not", () => {
  const rows = [product("cup", 900, 120), product("pot", 700, 90), product("lamp", 600, 4, 200), product("spoon", 12, 0)];
  expect(text(productUnbought(facts(), rows))).toBe("lamp is looked at, and seldom bought: by 4 of the 600 people who saw it. Of other products' viewers 13.0% buy.");
  expect(productUnbought(facts(), rows.filter((row) => row.value !== "lamp"))).toBeNull();
});

test("new people and those who were here before are told apart by their sessions", () => {
  expect(text(newcomersApart(facts(), session("", 2000, 80), session("", 4000, 480)))).toContain("buy more often than new ones: 20.0% of their sessions end in an order, 4.0%");
  expect(newcomersApart(facts(), session("", 4000, 480), session("", 4000, 480))).toBeNull();
});

test("a class is told when its share moved beyond doubt", () => {
  const now = [session("bouncer", 4000, 0), session("engaged_shopper", 1000, 300)];
  const before = [session("bouncer", 4400, 0), session("engaged_shopper", 600, 180)];
  expect(text(classMoved(facts(), now, before))).toBe("Engaged shoppers are 20.0% of the sessions, 8.0 points more than the week before. They bring 100% of the revenue.");
  expect(classMoved(facts(), now, now)).toBeNull();
});

test("a part of the day is told against all other times", () => {
  const hours = Array.from({ length: 7 * 24 }, (_, hour) => ({ label: `2026-08-0${3 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, "0")}:00+02:00`, sessions: 40, bought: hour % 24 < 6 ? 1 : 5 }));
  expect(text(hoursApart(facts(), hours))).toContain("at night, from 0 to 6, end in an order less often: 2.5% of them, and 12.5%");
  expect(hoursApart(facts(), hours.map((hour) => ({ ...hour, bought: 4 })))).toBeNull();
});

test("five at most, by money at stake", () => {
  const found = [3, 9, 1, 7, 5, 8].map((stake) => ({ ...revenueChanged(facts()), stake }) as Finding);
  expect(worthKnowing([null, ...found]).map((one) => one.stake)).toEqual([9, 8, 7, 5, 3]);
});

describe("the headline", () => {
  test("says how it went and what surely changed", () => {
    expect(headlineOf(facts())).toBe("A good week: bigger baskets.");
  });

  test("says that nothing is clear when nothing is", () => {
    const noise = BEFORE.map((value, day) => value + (day % 2 ? 200 : -190));
    expect(headlineOf(facts({ revenue: { now: noise, before: BEFORE } }))).toMatch(/^No clear change from the week before: €/);
  });

  test("is plain without anything before, and without an order", () => {
    const none = { now: [0, 0], before: [] };
    expect(headlineOf(facts({ revenue: none, purchases: none, sessions: { now: [5, 7], before: [] } }))).toBe("12 sessions, and no order yet.");
  });
});
