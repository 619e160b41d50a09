import { expect, test } from "vitest";
import { originOf } from "./key";

test("any address of a shop tells its origin", () => {
  const told = ["shop.example", "https://Shop.example/tea?x=1", "http://127.0.0.1:8080/", " shop.example:444 "].map(originOf);
  expect(told).toEqual(["https://shop.example", "https://shop.example", "http://127.0.0.1:8080", "https://shop.example:444"]);
});

test("what is no address of a page tells none", () => {
  expect(["", "ftp://shop.example", "a b", "https://"].map(originOf)).toEqual([null, null, null, null]);
});
