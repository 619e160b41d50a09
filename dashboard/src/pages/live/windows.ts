/** Windows of five minutes: which sessions they hold, and what they say. */
import type { Schema } from "../../api/client";
import { CLASSES, className, type VisitorClass } from "../../parts/classes";

export const WINDOW_MS = 300_000;
export const WINDOWS = 24;

export interface Window {
  start: number;
  counts: Readonly<Record<VisitorClass, number>>;
  total: number;
}

const NONE: Readonly<Record<VisitorClass, number>> = { bouncer: 0, browser: 0, engaged_shopper: 0, power_user: 0 };

/** The windows that end with the open one at `now`, oldest first; one without a session is 0. */
export function windowsOf(items: readonly Schema<"ClassShare">[], now: number): Window[] {
  const found = new Map<number, Record<string, number>>();
  for (const item of items) {
    const start = Date.parse(item.window_start);
    found.set(start, { ...found.get(start), [item.visitor_class]: item.session_count });
  }
  const open = Math.floor(now / WINDOW_MS) * WINDOW_MS;
  return Array.from({ length: WINDOWS + 1 }, (_, back) => {
    const start = open - (WINDOWS - back) * WINDOW_MS;
    const counts = { ...NONE, ...found.get(start) };
    return { start, counts, total: CLASSES.reduce((sum, each) => sum + counts[each], 0) };
  });
}

/** What the closed windows say; the plain measure while they are few. */
export function findingOf(windows: readonly Window[]): string {
  const closed = windows.slice(0, -1);
  const total = closed.reduce((sum, one) => sum + one.total, 0);
  if (total < 30) return "Sessions by class";
  const [first, second] = CLASSES.map((each) => ({ each, count: closed.reduce((sum, one) => sum + one.counts[each], 0) })).sort((a, b) => b.count - a.count);
  if (!first || !second || first.count < 1.1 * second.count) return "Sessions by class";
  return `${Math.round((10 * first.count) / total)} in 10 ended as ${className(first.each)}s`;
}

/** Pushes places (from the top, in pixels) apart until none stands within `least` of the next; their order stays. */
export function apart(places: readonly number[], least: number): number[] {
  const order = places.map((_, at) => at).sort((a, b) => (places[b] ?? 0) - (places[a] ?? 0) || a - b);
  const made = [...places];
  let above = Infinity;
  for (const at of order) {
    made[at] = Math.min(made[at] ?? 0, above - least);
    above = made[at] ?? 0;
  }
  return made;
}

/** A round number that is no less: 1, 2, 4 or 5 times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return Math.max(4, ([1, 2, 4, 5, 10].find((times) => times * power >= value) ?? 10) * power);
}
