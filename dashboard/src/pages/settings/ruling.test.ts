import { expect, test } from "vitest";
import { changeOf, changes, pairs, wordsOf } from "./ruling";

const clause = (id: string, at_least: number) => ({ id, figure: id.split(".")[1] ?? "", at_least });
const rule = (name: string, ...any_of: ReturnType<typeof clause>[][]) => ({ name, any_of, score: 1, icon: "", action_priority: 1, advice: [] });
const RULES = {
  number: 0,
  rules_version: "v",
  classes: [rule("browser", [clause("browser.total_events", 3)], [clause("browser.cart_count", 1)]), rule("bouncer")],
  kinds: { view: "view" as const },
  fixed: [],
  rebuild_due: false,
  history: [],
};

test("only numbers that are other than the rules' are a change, however they are written", () => {
  expect(wordsOf({ "browser.total_events": "4.0", "browser.cart_count": "1", "nobody.total_events": "9" }, RULES)).toEqual(["browser.total_events=4"]);
  expect(wordsOf({ "browser.total_events": "" }, RULES)).toEqual([]);
});

test("an address is read back as it was written, and what it makes up is left out", () => {
  const change = changeOf(["browser.total_events=4", "browser.cart_count=1", "x"], ["a=b=cart", "view=view", "wish=basket"], RULES);
  expect(change).toEqual({ thresholds: { "browser.total_events": 4 }, kinds: { "a=b": "cart" } });
  expect(changes(change)).toBe(2);
  expect(pairs(["=4"])).toEqual({});
});
