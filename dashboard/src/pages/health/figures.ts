/** Data health: what the page says of the books and of what is kept. */
import type { Schema } from "../../api/client";
import type { SeverityName } from "../../parts/words";
import { exact, plural } from "../../words/numbers";

export type Books = Schema<"Books">;
export type Stored = Schema<"Stored">;
export type Fate = "late" | "duplicates" | "bots" | "rejected";

/** All that arrived and what of it wants somebody; never a sentence that the books do not bear out. */
export function headlineOf(books: Pick<Books, "total" | "kept">): string {
  const { received, rejected } = books.total;
  if (books.kept.unbooked > 0) return `${plural(books.kept.unbooked, "event is", "events are")} kept that no book has.`;
  if (received === 0) return "Nothing arrived in this range.";
  const all = received === 1 ? "The one event is accounted for." : `All ${exact(received)} events are accounted for.`;
  return rejected === 0 ? all : `${all} ${exact(rejected)} of them ${rejected === 1 ? "needs" : "need"} you.`;
}

/** Why, of what needs somebody; else what can be said of the rest. */
export function ledeOf(books: Pick<Books, "total" | "kept" | "reasons">): string {
  const [first] = books.reasons;
  if (books.kept.unbooked > 0) return "The journal was damaged, or rows were put into the lake by another way. `footfall doctor` says more.";
  if (books.total.received === 0) return "A longer range may have some. Keys and addresses stand under First events.";
  if (!first || books.total.rejected === 0) return "Nothing was refused, and nothing is to be done.";
  const why = first.meaning || first.reason;
  return books.reasons.length === 1 ? `Refused: ${why}. They wait here and lose nothing.` : `Most of them: ${why}. They wait here and lose nothing.`;
}

export interface Usual {
  severity: SeverityName;
  word: string;
}

const FEWEST_PERIODS = 7;
const FEWEST_CASES = 30;

/**
 * The share of the last period that is over, beside the median of those before it. "Twice the usual" wants 30 cases;
 * without seven periods before there is nothing usual.
 */
export function usualOf(books: Pick<Books, "periods">, fate: Fate, now: number): Usual {
  const over = books.periods.filter((period) => Date.parse(period.end) <= now && period.received > 0);
  const last = over.at(-1);
  const before = over.slice(0, -1).map((period) => period[fate] / period.received);
  if (!last || before.length < FEWEST_PERIODS) return { severity: "ok", word: books.periods.some((period) => period[fate] > 0) ? "Too early to say what is usual" : "None" };
  const usual = [...before].sort((a, b) => a - b)[Math.floor(before.length / 2)] ?? 0;
  const share = last[fate] / last.received;
  if (last[fate] < FEWEST_CASES || share < 2 * usual) return { severity: "ok", word: "As usual" };
  return usual > 0 ? { severity: "medium", word: `${Math.floor(share / usual)} times the usual` } : { severity: "medium", word: "None was usual" };
}

/** The course of a fate over the periods that are over. */
export function courseOf(books: Pick<Books, "periods">, fate: Fate | "received", now: number): number[] {
  return books.periods.filter((period) => Date.parse(period.end) <= now).map((period) => period[fate]);
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** `1.25 MB`, with three digits. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? exact(value) : value.toPrecision(3)} ${UNITS[unit]}`;
}

/** What waits between the acknowledgement and the figures, in words. */
export function lagOf(lag: Stored["lag"]): string {
  return lag.events === 0 ? "Everything acknowledged is in the figures." : `${plural(lag.events, "event is", "events are")} safe on disk and will be counted.`;
}
