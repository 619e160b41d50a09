/**
 * The sessions that moved last, as the stream tells them: at most `MOST` of them, whatever comes, and how many came to
 * each class within the last five minutes. Nothing here grows with the time that a page stays open.
 */

import { CLASSES } from "../../parts/classes";

/** A `class` message of the stream; see docs/api.md under `GET /v1/live`. */
export interface Moved {
  session_id: string;
  owner: string;
  user_id: string | null;
  visitor_class: string;
  previous: string | null;
  total_events: number;
  session_start: string;
  session_end: string;
  session_duration_minutes: number;
  total_amount: string | null;
}

export interface Move extends Moved {
  /** When it was told, in milliseconds. */
  told: number;
}

export const MOST = 200;
export const WINDOW_SECONDS = 300;
const FRESH_SECONDS = 10;

/** Numbers of the last `seconds` seconds, by the second: a ring. */
export class Ring {
  #counts: Uint32Array;
  #second = 0;

  constructor(seconds: number) {
    this.#counts = new Uint32Array(seconds);
  }

  add(second: number): void {
    this.#turn(second);
    const at = second % this.#counts.length;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** How many within a turn, the present second among them. */
  sum(second: number): number {
    this.#turn(second);
    return this.#counts.reduce((total, count) => total + count, 0);
  }

  /** Forgets what lies a whole turn back. */
  #turn(second: number): void {
    const passed = Math.min(second - this.#second, this.#counts.length);
    for (let ahead = 0; ahead < passed; ahead++) this.#counts[(second - ahead) % this.#counts.length] = 0;
    if (second > this.#second) this.#second = second;
  }
}

function ringOf(rings: Map<string, Ring>, visitorClass: string, seconds: number): Ring {
  let ring = rings.get(visitorClass);
  if (!ring) rings.set(visitorClass, (ring = new Ring(seconds)));
  return ring;
}

export class Moves {
  /** The one that moved last stands last. */
  #sessions = new Map<string, Move>();
  /** Arrivals by class, of the last seconds. */
  #fresh = new Map<string, Ring>();
  /** Who came in as a bouncer, and who stepped up to another class, of the last minutes. */
  #came = new Map<string, Ring>();
  #begun: number;

  constructor(now: number) {
    this.#begun = now;
  }

  /** How many sessions are kept. */
  get size(): number {
    return this.#sessions.size;
  }

  add(moved: Moved, now: number): void {
    this.#sessions.delete(moved.session_id);
    this.#sessions.set(moved.session_id, { ...moved, told: now });
    if (this.#sessions.size > MOST) {
      const oldest = this.#sessions.keys().next();
      if (!oldest.done) this.#sessions.delete(oldest.value);
    }
    const second = Math.floor(now / 1_000);
    ringOf(this.#fresh, moved.visitor_class, FRESH_SECONDS).add(second);
    const stepped = moved.previous !== null || moved.visitor_class === CLASSES[0];
    if (stepped) ringOf(this.#came, moved.visitor_class, WINDOW_SECONDS).add(second);
  }

  /** Those that moved last, the newest first. */
  newest(most: number): Move[] {
    return [...this.#sessions.values()].slice(-most).reverse();
  }

  /** How many moved after `since`, as far as they are kept. */
  after(since: number): number {
    let count = 0;
    for (const move of this.#sessions.values()) if (move.told > since) count++;
    return count;
  }

  /** How many stepped up to a class (to the lowest: came in) within the last five minutes, or since the page was opened. */
  came(visitorClass: string, now: number): number {
    return this.#came.get(visitorClass)?.sum(Math.floor(now / 1_000)) ?? 0;
  }

  /** How many came to a class within the last ten seconds. */
  fresh(visitorClass: string, now: number): number {
    return this.#fresh.get(visitorClass)?.sum(Math.floor(now / 1_000)) ?? 0;
  }

  /** For how many minutes `came` speaks: at most five. */
  minutes(now: number): number {
    return Math.min(WINDOW_SECONDS, Math.max(0, (now - this.#begun) / 1_000)) / 60;
  }
}
