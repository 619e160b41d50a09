import { expect, test } from "vitest";
import { named, partsOf, saidOf, stepOf, titleOf } from "./steps";

test("a step falls into its event and its filter, and is the same again", () => {
  for (const step of ['kind:view[brand = "a]b"]', "purchase", '"odd [name]"', '"odd [name]"[price > 3]', "*"]) expect(stepOf(partsOf(step))).toBe(step);
  expect(partsOf('"odd [name]"[price > 3]')).toEqual({ event: '"odd [name]"', filter: "price > 3" });
});

test("a name that its signs would confuse is quoted", () => {
  expect([named("purchase"), named("kind:view"), named('a "b"'), named("*")]).toEqual(["purchase", '"kind:view"', '"a \\"b\\""', '"*"']);
});

test("a step is said as a person would", () => {
  expect([saidOf("kind:cart[price > 3]"), titleOf("kind:purchase"), saidOf("quote_request"), titleOf("quote_request")]).toEqual([
    "filled a cart",
    "Ordered",
    "reached quote_request",
    "Quote request",
  ]);
});
