/** Rejected events counted: what the page says of them. */
import type { Schema } from "../../api/client";
import { plural } from "../../words/numbers";

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

/** Each period once, whatever its reasons, in order. */
export function periodsOf(counts: Pick<Counts, "periods">): { label: string; count: number }[] {
  const sums = new Map<string, number>();
  for (const { label, count } of counts.periods) sums.set(label, (sums.get(label) ?? 0) + count);
  return [...sums].map(([label, count]) => ({ label, count }));
}
