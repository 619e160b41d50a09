/** Events that wait: none is lost, none is given out twice, none is kept for ever. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Queue } from "../src/queue";
import { Storage } from "../src/storage";
import { giveStorage } from "./browser";

const HOUR = 3_600_000;
let now = Date.now() + 10 * HOUR;
let texts: Record<string, string> = {};

function open(mayStore = true): Queue {
  return new Queue(new Storage("t:"), () => mayStore, () => now);
}

function names(queue: Queue, batch: readonly string[]): string[] {
  return (JSON.parse(`[${queue.texts(batch)}]`) as { name: string }[]).map(({ name }) => name);
}

beforeEach(() => {
  now += 100 * HOUR;
  texts = giveStorage();
});

test("events are taken in the order in which they happened, and not again while they are under way", () => {
  const queue = open();
  for (const name of ["a", "b", "c"]) queue.add({ name });
  const batch = queue.take(2);
  assert.deepEqual(names(queue, batch), ["a", "b"]);
  assert.deepEqual(names(queue, queue.take(9)), ["c"]);
  assert.deepEqual(queue.take(9), []);
  queue.settle(batch, false);
  assert.deepEqual(names(queue, queue.take(9)), ["a", "b"]);
});

test("what is acknowledged is forgotten, in storage too", () => {
  const queue = open();
  queue.add({ name: "a" });
  assert.equal(Object.keys(texts).length, 1);
  queue.settle(queue.take(9), true);
  assert.equal(Object.keys(texts).length, 0);
  assert.equal(queue.size, 0);
});

test("a later page takes over what is left, with its ids, once it is surely left", () => {
  const id = open().add({ name: "left" });
  const later = open();
  assert.equal(later.adopt(), true); // too young: its own page may still send it
  assert.equal(later.size, 0);
  now += 11_000;
  assert.equal(later.adopt(), false);
  assert.deepEqual(later.take(9), [id]);
});

test("nothing is sent when it is so old that Footfall might not know its id any more", () => {
  const queue = open();
  queue.add({ name: "old" });
  now += 19 * HOUR;
  queue.add({ name: "young" });
  now += 2 * HOUR;
  assert.deepEqual(names(queue, queue.take(9)), ["young"]);
  assert.equal(Object.keys(texts).length, 1);
});

test("a batch fits into what a page may send while it is left", () => {
  const queue = open();
  for (let n = 0; n < 30; n++) queue.add({ name: "x".repeat(3_000) });
  const batch = queue.take(100);
  assert.ok(batch.length > 1);
  assert.ok(queue.texts(batch).length <= 20_500);
  assert.ok(queue.take(100).length);
});

test("an event larger than any batch is still sent", () => {
  const queue = open();
  queue.add({ name: "x".repeat(50_000) });
  assert.equal(queue.take(100).length, 1);
});

test("the oldest give way when there are too many", () => {
  const queue = open();
  for (let n = 0; n < 1_010; n++) queue.add({ name: `e${n}` });
  assert.equal(queue.size, 1_000);
  assert.equal(names(queue, queue.take(1))[0], "e10");
  assert.equal(Object.keys(texts).length, 1_000);
});

test("without consent to it nothing is stored, and nothing that is stored is read", () => {
  open().add({ name: "of another page" });
  now += HOUR;
  const queue = open(false);
  queue.add({ name: "mine" });
  assert.equal(queue.adopt(), false);
  assert.deepEqual(names(queue, queue.take(9)), ["mine"]);
  assert.equal(Object.keys(texts).length, 1);
});

test("blocked storage loses nothing within the page", () => {
  giveStorage({ refusing: true });
  const queue = open();
  queue.add({ name: "a" });
  assert.equal(queue.adopt(), false);
  assert.deepEqual(names(queue, queue.take(9)), ["a"]);
});
