import { expect, test } from "vitest";
import { dotIs } from "./stairs";

test("a dot is a visitor up to four hundred, then ten, then a hundred", () => {
  expect(dotIs([62, 84, 31, 10], 19)).toBe(1);
  expect(dotIs([100, 100, 100, 100], 19)).toBe(1);
  expect(dotIs([200, 150, 31, 20], 19)).toBe(10);
  expect(dotIs([0, 4_100, 0, 0], 19)).toBe(100);
});

test("a dot is more where so many do not fit above their step", () => {
  expect(dotIs([62, 84, 31, 10], 3)).toBe(10);
});
