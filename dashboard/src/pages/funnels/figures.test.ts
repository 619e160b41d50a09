import { expect, test } from "vitest";
import type { Schema } from "../../api/client";
import { barsOf, finding, outcome, proportion } from "./figures";

const step = (number: number, people: number, dropped: number | null): Schema<"StepItem"> => ({
  number,
  step: "",
  people,
  dropped,
  of_first: null,
  of_before: null,
  median_seconds: null,
  p90_seconds: null,
  median_seconds_since_before: null,
  p90_seconds_since_before: null,
  waits: [],
});

const part = (value: string, people: readonly number[]): Schema<"FunnelPart"> => ({
  value,
  other: false,
  trend: [],
  steps: people.map((here, index) => step(index + 1, here, index === 0 ? null : (people[index - 1] ?? 0) - here)),
});

const answer = (rows: Schema<"FunnelPart">[]): Schema<"Funnel"> => ({ rows }) as Schema<"Funnel">;
const STEPS = ["kind:view", "kind:cart", "kind:purchase"];

test("bars are the sums of their parts, classes from the lowest step up", () => {
  const bars = barsOf(answer([part("power_user", [60, 50, 40]), part("bouncer", [40, 0, 0])]), STEPS, true);
  expect(bars.map((bar) => [bar.people, bar.dropped])).toEqual([[100, null], [50, 50], [40, 10]]);
  expect(bars[0]?.pieces.map((piece) => piece.key)).toEqual(["=bouncer", "=power_user"]);
});

test("the headline tells of the step at which most were lost, and no more than the figures support", () => {
  const found = (people: readonly number[]): string => finding(barsOf(answer([part("browser", people)]), STEPS, true));
  expect(found([100, 40, 30])).toBe("Six in ten who saw a product never filled a cart.");
  expect(found([20, 15, 5])).toBe("10 of 15 who filled a cart never ordered.");
  expect(found([0, 0, 0])).toBe("Nobody took the first step in this range.");
  expect(found([50, 50, 50])).toBe("Everybody who saw a product filled a cart, too.");
});

test("shares are told as people tell them", () => {
  expect([proportion(60, 100), proportion(97, 100), proportion(999, 1000), proportion(40, 40), proportion(5, 20)]).toEqual([
    "six in ten",
    "97 in a hundred",
    "999 of 1,000",
    "all",
    "5 of 20",
  ]);
});

test("the outcome names its base", () => {
  expect(outcome(barsOf(answer([part("browser", [1000, 400, 306])]), STEPS, true), "people")).toBe("Of 1,000 people who began, 306 took all three steps, 30.60% of everyone.");
});
