/**
 * The range of time that a page is about, from its address: `?range=7d`, or `?from=2026-08-01&to=2026-08-04`.
 * Relative ranges end now and begin at a whole day or hour of the project's zone.
 */
import { useMemo } from "react";
import { isoDay, day } from "../words/times";
import { useProject } from "./project";
import { useView } from "./view";

export const RANGES = {
  "1h": { label: "Last hour", hours: 1 },
  "24h": { label: "Last 24 hours", hours: 24 },
  today: { label: "Today", days: 1 },
  "7d": { label: "Last 7 days", days: 7 },
  "28d": { label: "Last 28 days", days: 28 },
  "90d": { label: "Last 90 days", days: 90 },
  "365d": { label: "Last 12 months", days: 365 },
  all: { label: "Everything", days: 0 },
} as const;

export type RangeName = keyof typeof RANGES;

export interface Range {
  /** A name, or null when the address says from and to. */
  name: RangeName | null;
  label: string;
  /** For the API: `from` and `before` are instants or days of the zone; what is undefined is no bound. */
  asked: { from: string | undefined; before: string | undefined; zone: string; project: string };
  /** How a question keeps it: a range with a name goes with the days, `last=28d`. */
  kept: Readonly<Record<string, string>>;
  /** How it is written into the page's address. */
  params: { range: string | null; from: string | null; to: string | null };
}

export const isRange = (text: string | null): text is RangeName => text !== null && text in RANGES;

/** As the API's `last` says it; everything has no bound. */
export function keptOf(name: RangeName): Readonly<Record<string, string>> {
  if (name === "all") return {};
  return { last: name === "today" ? "1d" : name };
}

/** The day of `zone` that lies `days` before the one of `now`. */
export function dayBefore(now: number, days: number, zone: string): string {
  const noon = new Date(`${isoDay(now, zone)}T12:00:00Z`).getTime();
  return isoDay(noon - days * 86_400_000, "UTC");
}

/** `usual` is what the page shows when its address says nothing. `now` is rounded to the minute, so answers are found again. */
export function useRange(usual: RangeName = "28d"): Range {
  const view = useView();
  const { zone, id: project } = useProject();
  const [name, from, to] = [view.get("range"), view.get("from"), view.get("to")];
  const minute = Math.floor(Date.now() / 60_000);
  return useMemo(() => {
    if (from) {
      const label = to ? `${day(`${from}T12:00`, "UTC")} to ${day(`${to}T12:00`, "UTC")}` : `since ${day(`${from}T12:00`, "UTC")}`;
      return { name: null, label, asked: { from, before: to ?? undefined, zone, project }, kept: to ? { from, before: to } : { from }, params: { range: null, from, to } };
    }
    const chosen: RangeName = isRange(name) ? name : usual;
    const range = RANGES[chosen];
    let begin: string | undefined;
    if ("hours" in range) begin = new Date(minute * 60_000 - range.hours * 3_600_000).toISOString();
    else if (range.days > 0) begin = dayBefore(minute * 60_000, range.days - 1, zone);
    return { name: chosen, label: range.label, asked: { from: begin, before: undefined, zone, project }, kept: keptOf(chosen), params: { range: chosen, from: null, to: null } };
  }, [name, from, to, usual, zone, project, minute]);
}
