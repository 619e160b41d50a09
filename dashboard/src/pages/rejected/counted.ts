/** Rejected events counted: what the page says of them. */
import type { Schema } from "../../api/client";
import { plural } from "../../words/numbers";
import { clock, isoDay } from "../../words/times";

export type Counts = Schema<"RejectedCounts">;
export type Reason = Counts["reasons"][number];

/** The commonest reason in words, and how many there are in all. */
export function headlineOf(counts: Pick<Counts, "total" | "reasons">): string {
  const [first] = counts.reasons;
  if (!first) return "Nothing was rejected.";
  const all = plural(counts.total, "event was rejected", "events were rejected");
  const same = counts.reasons.filter((one) => one.reason === first.reason).reduce((sum, one) => sum + one.count, 0);
  const words = first.meaning || first.reason;
  return same === counts.total ? `${all}: ${words}.` : `${all}, ${same.toLocaleString()} of them because ${words}.`;
}

export type Unit = "hour" | "day";
const HOUR = 3_600_000;

/** Every hour or day of the range with the events of all reasons, none left out: a quiet day is a gap in the bars. */
export function periodsOf(counts: Pick<Counts, "periods" | "begin" | "end" | "zone">, unit: Unit): { label: string; count: number }[] {
  const name = (time: number): string => (unit === "day" ? isoDay(time, counts.zone) : `${isoDay(time, counts.zone)} ${clock(time, counts.zone)}`);
  const [begin, end] = [Date.parse(counts.begin), Date.parse(counts.end)];
  const sums = new Map<string, number>();
  for (let time = begin; time < end; time += unit === "day" ? 12 * HOUR : HOUR) sums.set(name(time), 0);
  for (const period of counts.periods) {
    const label = name(Date.parse(period.begin));
    sums.set(label, (sums.get(label) ?? 0) + period.count);
  }
  return [...sums].map(([label, count]) => ({ label, count }));
}
