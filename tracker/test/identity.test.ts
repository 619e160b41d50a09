/** Visitors and their sessions, and what they agree to. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Choice } from "../src/choice";
import { Identity } from "../src/identity";
import { Storage } from "../src/storage";
import { givePage, giveStorage } from "./browser";

const MINUTE = 60_000;
const START = Date.now();
let texts: Record<string, string> = {};

function tab(): Identity {
  return new Identity(new Storage("t:"));
}

beforeEach(() => {
  texts = giveStorage();
  givePage("https://shop.example/");
});

test("tabs share the visitor and the session", () => {
  const owner = tab().owner(START, true);
  assert.deepEqual(tab().owner(START + 1, true), owner);
});

test("thirty minutes of silence are no gap, a millisecond more is one", () => {
  const first = tab().owner(START, true);
  const same = tab().owner(START + 30 * MINUTE, true);
  const next = tab().owner(START + 60 * MINUTE + 1, true);
  assert.equal(same.session_id, first.session_id);
  assert.notEqual(next.session_id, first.session_id);
  assert.equal(next.visitor_id, first.visitor_id);
});

test("what is only measured begins no session, and does not bring an old one back to life", () => {
  const first = tab().owner(START, true);
  assert.equal(tab().owner(START + 90 * MINUTE, false).session_id, first.session_id);
  assert.notEqual(tab().owner(START + 91 * MINUTE, true).session_id, first.session_id);
});

test("a known user is on every event until they are forgotten, and then a stranger comes", () => {
  const identity = tab();
  identity.know("ada");
  const known = identity.owner(START, true);
  assert.equal(known.user_id, "ada");
  identity.forget();
  const stranger = identity.owner(START + 1, true);
  assert.equal(stranger.user_id, undefined);
  assert.notEqual(stranger.visitor_id, known.visitor_id);
  assert.notEqual(stranger.session_id, known.session_id);
});

test("blocked or full storage keeps the visitor for as long as the page lasts", () => {
  giveStorage({ refusing: true });
  const identity = tab();
  assert.deepEqual(identity.owner(START + 1, true), identity.owner(START, true));
});

test("two trackers with keys of their own keep apart", () => {
  const one = new Identity(new Storage("a:")).owner(START, true);
  const other = new Identity(new Storage("b:")).owner(START, true);
  assert.notEqual(one.visitor_id, other.visitor_id);
});

test("a choice holds for other tabs and later pages", () => {
  new Choice(new Storage("t:")).make("cookieless");
  assert.equal(new Choice(new Storage("t:"), "full").mode(), "cookieless");
});

test("Global Privacy Control and Do Not Track mean none, whatever the page says, until the visitor chooses", () => {
  for (const signal of [{ globalPrivacyControl: true }, { doNotTrack: "1" }]) {
    texts = giveStorage();
    givePage("https://shop.example/", signal);
    const choice = new Choice(new Storage("t:"), "full");
    assert.equal(choice.mode(), "none");
    choice.make("full");
    assert.equal(choice.mode(), "full");
  }
  assert.ok(texts);
});

test("a word that is no mode is no consent", () => {
  assert.equal(new Choice(new Storage("t:"), "ful" as "full").mode(), "none");
  const choice = new Choice(new Storage("t:"));
  assert.equal(choice.mode(), "full");
  choice.make("Yes" as "full");
  assert.equal(choice.mode(), "none");
});
