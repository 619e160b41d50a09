import { expect, test } from "vitest";
import { MOST, Moves, Ring, type Moved } from "./moves";

const session = (id: string, visitorClass = "browser", previous: string | null = null): Moved => ({
  session_id: id,
  owner: id,
  user_id: null,
  visitor_class: visitorClass,
  previous,
  total_events: 1,
  session_start: "2026-08-04T14:02:00Z",
  session_end: "2026-08-04T14:02:00Z",
  session_duration_minutes: 0,
  total_amount: null,
});

test("who moved last stands first, once", () => {
  const moves = new Moves(0);
  for (const id of ["a", "b", "a"]) moves.add(session(id), 1_000);
  expect(moves.newest(10).map((move) => move.session_id)).toEqual(["a", "b"]);
});

test("a hundred thousand sessions leave a bounded number", () => {
  const moves = new Moves(0);
  for (let at = 0; at < 100_000; at++) moves.add(session(`s${at}`), at);
  expect(moves.size).toBe(MOST);
  expect(moves.newest(1)[0]?.session_id).toBe("s99999");
});

test("a ring forgets what lies a turn back, however long nothing came", () => {
  const ring = new Ring(5);
  for (const second of [100, 100, 102]) ring.add(second);
  expect([ring.sum(102), ring.sum(104), ring.sum(105), ring.sum(106), ring.sum(107)]).toEqual([3, 3, 1, 1, 0]);
  expect(ring.sum(100_000)).toBe(0);
});

test("what was told since a moment is counted, and by class within the last seconds", () => {
  const moves = new Moves(0);
  moves.add(session("a", "bouncer"), 1_000_000);
  moves.add(session("b", "browser", "bouncer"), 1_005_000);
  moves.add(session("c", "browser"), 1_005_000);
  expect(moves.after(1_000_000)).toBe(2);
  expect([moves.fresh("bouncer", 1_009_000), moves.fresh("bouncer", 1_011_000)]).toEqual([1, 0]);
  expect([moves.came("bouncer", 1_299_000), moves.came("bouncer", 1_301_000)]).toEqual([1, 0]);
  expect([moves.fresh("browser", 1_009_000), moves.came("browser", 1_009_000)]).toEqual([2, 1]);
});
