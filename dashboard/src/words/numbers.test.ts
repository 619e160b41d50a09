import { expect, test } from "vitest";
import { count, exact, money, percent, share, shortId } from "./numbers";

test("figures are grouped, minus is a true one, and nothing is an en dash", () => {
  expect([count(1240), count(-2657), count(null), count(0)]).toEqual(["1,240", "−2,657", "–", "0"]);
});

test("over ten million is short, and exact where it is asked for", () => {
  expect([count(38_412_345), exact(38_412_345)]).toEqual(["38 M", "38,412,345"]);
});

test("two decimals, half up", () => {
  expect([percent(3.065), percent("16.666"), money("569.555", "EUR")]).toEqual(["3.07%", "16.67%", "€569.56"]);
});

test("a share names its base, and counts where there are few", () => {
  expect([share(487, 10_000, "received"), share(3, 12, "orders"), share(0, 0, "orders")]).toEqual(["4.87% of received", "3 of 12 orders", "none of orders"]);
});

test("ids that begin alike stay different when they are shortened", () => {
  expect([shortId("dc848ba-shop-00003272"), shortId("dc848ba-shop-00003273"), shortId("ann")]).toEqual(["dc8…3272", "dc8…3273", "ann"]);
  expect([shortId("ann@shop.example", 20), shortId("somebody.else@shop.example", 20)]).toEqual(["ann@shop.example", "somebody.…op.example"]);
});
