import { expect, test } from "vitest";
import { commandOf } from "./command";

test("a question becomes the command that asks the same", () => {
  const scope = { from: "2026-10-01", before: undefined, zone: "Europe/Berlin", project: "default" };
  expect(commandOf({ path: "/v1/trends", params: { figure: "revenue", unit: "week", by: "person", split: "country", ...scope } })).toBe(
    "footfall trends revenue --unit week --by country --from 2026-10-01 --zone Europe/Berlin",
  );
  expect(commandOf({ path: "/v1/funnel", params: { step: ["view", "cart[quantity > 1]"], by: "session", order: "strict", project: "shop" } })).toBe(
    "footfall funnel view 'cart[quantity > 1]' --sessions --strict --project shop",
  );
});

test("the people behind a number are asked for by its coordinates", () => {
  expect(commandOf({ path: "/v1/funnel/people", params: { step: ["view", "cart"], at: 2, dropped: true } })).toBe("footfall funnel view cart --people at=2,dropped");
  expect(commandOf({ path: "/v1/breakdown/products/people", params: { value: "tea, green", figure: "viewers" } })).toBe(`footfall breakdown products --top 50 --people 'value="tea, green",figure=viewers'`);
  expect(commandOf({ path: "/v1/retention/people", params: {} })).toBe("footfall retention --people ''");
});

test("what a shell would read otherwise is quoted", () => {
  expect(commandOf({ path: "/v1/trends", params: { figure: "events", where: `page_path = "/it's"; rm` } })).toBe(`footfall trends events --where 'page_path = "/it'\\''s"; rm'`);
});

test("a question that no command asks has none", () => {
  expect(commandOf({ path: "/v1/trails", params: {} })).toBeNull();
  expect(commandOf({ path: "/v1/trends", params: { figure: "events", colour: "red" } })).toBeNull();
});
