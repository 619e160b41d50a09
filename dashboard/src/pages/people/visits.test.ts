import { expect, it } from "vitest";
import type { Schema } from "../../api/client";
import { ownerOf, sessionOf, trailOf } from "./visits";

const session = { session_id: "s:one", owner: "s:one", session_start: "2026-03-01T10:00:00Z", session_end: "2026-03-01T10:05:00Z", visitor_class: "browser" } as Schema<"SessionItem">;
const event = (minute: number, more: Partial<Schema<"EventItem">> = {}): Schema<"EventItem"> =>
  ({ event_id: `${minute}`, name: "x", timestamp: `2026-03-01T10:0${minute}:00Z`, session_id: "one", kind: "view", ...more }) as Schema<"EventItem">;

it("says whose an event is: the session's, else the visitor's, else the user's", () => {
  expect(ownerOf(event(0, { visitor_id: "v" }))).toBe("s:one");
  expect(ownerOf(event(0, { session_id: null, visitor_id: "v", user_id: "u" }))).toBe("v:v");
  expect(ownerOf(event(0, { session_id: null, user_id: "u" }))).toBe("u:u");
});

it("finds an event's session between its ends, these included", () => {
  expect(sessionOf(event(0), [session])).toBe(session);
  expect(sessionOf(event(5), [session])).toBe(session);
  expect(sessionOf(event(6), [session])).toBeUndefined();
  expect(sessionOf(event(1, { session_id: "two" }), [session])).toBeUndefined();
});

it("draws a trail from the oldest event on, its class at the last", () => {
  const trail = trailOf(session, [event(5, { kind: "cart" }), event(1)], true);
  expect(trail).toEqual([
    { time: 60_000, mark: "view", visitorClass: null },
    { time: 300_000, mark: "cart", visitorClass: "browser" },
  ]);
});

it("draws none of a session whose first events may be missing", () => {
  expect(trailOf(session, [event(5), event(1)], false)).toBeNull();
  expect(trailOf(session, [event(5), event(0)], false)).toBeNull();
});
