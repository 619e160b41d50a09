/** What is told of addresses and properties. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { masked, pageFacts, told } from "../src/address";
import { sorted } from "../src/fields";
import { givePage } from "./browser";

test("an address keeps where visitors come from, and nothing that a form or a login may have put into it", () => {
  givePage("https://shop.example/");
  const address = "https://ada:pw@shop.example/a?utm_source=mail&email=ada@b.example&token=t&gclid=g&q=tea&page=2#access";
  assert.equal(told(address, ["q"]), "https://shop.example/a?utm_source=mail&gclid=g&q=tea");
  assert.equal(told("/a?x=1#part", [], true), "https://shop.example/a#part");
});

test("e-mail addresses are masked wherever they stand", () => {
  assert.equal(masked("mail ada.l@b.example now"), "mail … now");
  givePage("https://shop.example/of/ada@b.example/orders");
  assert.equal(pageFacts([], false)["page_path"], "/of/…/orders");
  assert.equal(pageFacts([], false)["page_url"], "https://shop.example/of/…/orders");
});

test("campaigns are read from the address", () => {
  givePage("https://shop.example/a?utm_source=mail&utm_campaign=may&x=1");
  const facts = pageFacts([], false);
  assert.equal(facts["utm_source"], "mail");
  assert.equal(facts["utm_campaign"], "may");
  assert.equal(facts["x"], undefined);
});

test("what an event has fields for becomes one, in either spelling, if it fits", () => {
  const [rest, fields] = sorted({ productId: "p1", price: "9.90", quantity: 2, formId: "f", value: "much", amount: NaN, order_id: {} }, false);
  assert.deepEqual(fields, { product_id: "p1", price: "9.90", quantity: 2 });
  assert.deepEqual(rest, { formId: "f", value: "much", amount: NaN, order_id: {} });
});

test("a page view may state its own address and title", () => {
  const [rest, fields] = sorted({ url: "https://a.example/", title: "A", author: "B" }, true);
  assert.deepEqual(fields, { page_url: "https://a.example/", page_title: "A" });
  assert.deepEqual(rest, { author: "B" });
});
