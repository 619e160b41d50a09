import { expect, test } from "vitest";
import { comparison, joinedFilter, partsOfFilter } from "./filters";

test("a row of ands is taken apart, whatever stands in quotes and brackets", () => {
  expect(partsOfFilter('country = "A and B" and (price > 3 or kind = "view") AND os exists')).toEqual([
    'country = "A and B"',
    '(price > 3 or kind = "view")',
    "os exists",
  ]);
  expect(partsOfFilter('a = 1 or b = 2 and c = "\\" and "')).toEqual(['a = 1 or b = 2 and c = "\\" and "']);
  expect([partsOfFilter(""), partsOfFilter("a = 1 and  b = 2")]).toEqual([[], ["a = 1", "b = 2"]]);
});

test("parts are joined so that each must hold", () => {
  expect(joinedFilter(["a = 1 or b = 2", 'c = "x or y"'])).toBe('(a = 1 or b = 2) and c = "x or y"');
  expect(joinedFilter(["(a = 1 or b = 2)", "c = 3"])).toBe("(a = 1 or b = 2) and c = 3");
});

test("a comparison quotes texts and leaves numbers", () => {
  expect([
    comparison("country", "=", 'D"E', "a text"),
    comparison("price", ">=", "10", "an amount of money"),
    comparison("page_path", "contains", "42", "a text"),
    comparison("country", "in", "DE, FR", "a text"),
    comparison("is_bot", "=", "True", "true or false"),
    comparison("os", "missing", "", "a text"),
  ]).toEqual(['country = "D\\"E"', "price >= 10", 'page_path contains "42"', 'country in ("DE", "FR")', "is_bot = true", "os missing"]);
});
