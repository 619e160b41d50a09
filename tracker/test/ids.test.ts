/** Ids of events and visitors. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { newId, timeOf } from "../src/ids";
import { giveChance } from "./browser";

giveChance();

test("an id is a UUID of version 7 that tells when it was made", () => {
  const moment = Date.now() + 1_000_000;
  const id = newId(moment);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(timeOf(id), moment);
});

test("ids of one millisecond keep the order in which they were made", () => {
  const moment = Date.now() + 2_000_000;
  const made = Array.from({ length: 50 }, () => newId(moment));
  assert.deepEqual([...made].sort(), made);
  assert.equal(new Set(made).size, 50);
});
