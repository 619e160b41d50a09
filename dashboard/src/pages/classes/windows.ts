/** The distribution's rows as windows of five minutes, oldest first, each with all four classes. Pure. */
import type { Schema } from "../../api/client";
import { CLASSES, type VisitorClass } from "../../parts/classes";

export interface Window {
  begin: string;
  end: string;
  /** A session in it may still go on. (The API calls a window open for as long as a late event may change it.) */
  open: boolean;
  counts: Record<VisitorClass, number>;
}

export const WINDOW_MS = 300_000;
/** A session without an event for so long is over. */
const GAP_MS = 30 * 60_000;
/** So many windows are drawn: six hours. */
export const MOST = 72;

const none = (): Record<VisitorClass, number> => ({ bouncer: 0, browser: 0, engaged_shopper: 0, power_user: 0 });

/** The newest windows without a gap: one in which no session ended has four zeros. The oldest on a full page is left out, it may be cut. */
export function windowsOf(items: readonly Schema<"ClassShare">[], cut: boolean, now: number = Date.now()): Window[] {
  const found = new Map<number, Window>();
  for (const row of items) {
    const time = new Date(row.window_start).getTime();
    const window = found.get(time) ?? { begin: row.window_start, end: row.window_end, open: row.open && Date.parse(row.window_end) + GAP_MS > now, counts: none() };
    const known = CLASSES.find((each) => each === row.visitor_class);
    if (known) window.counts[known] += row.session_count;
    found.set(time, window);
  }
  const times = [...found.keys()].sort((one, other) => one - other).slice(cut ? 1 : 0);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return [];
  const begin = Math.max(first, last - (MOST - 1) * WINDOW_MS);
  return Array.from({ length: (last - begin) / WINDOW_MS + 1 }, (_, index) => {
    const time = begin + index * WINDOW_MS;
    const stamps = { begin: new Date(time).toISOString(), end: new Date(time + WINDOW_MS).toISOString() };
    return found.get(time) ?? { ...stamps, open: false, counts: none() };
  });
}

export const total = ({ counts }: Window): number => CLASSES.reduce((sum, each) => sum + counts[each], 0);
