/** Which time Overview tells of: whole days (or hours) that have ended, beside as many right before them. */
import { dayBefore, RANGES, type Range } from "../../state/range";
import { isoDay } from "../../words/times";

export interface Span {
  /** First and past-the-end, as the API takes them. */
  from: string;
  before: string;
  /** Where the time before begins; null without one. */
  earlier: string | null;
  unit: "minute" | "hour" | "day" | "month";
  /** How many units it has; null when nobody knows. */
  periods: number | null;
  /** `week`, `28 days`: for "the … before". */
  name: string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What has ended by `now` of a range, with what it is compared with: the same hours, the same weekdays. */
export function spanOf(range: Range, now: number, zone: string): Span {
  if (range.name === "all") return { from: "1971-01-01", before: new Date(now).toISOString(), earlier: null, unit: "month", periods: null, name: "time" };
  if (range.name === "1h") return clocked(now, HOUR, 60_000, "minute", "hour");
  if (range.name === "24h") return clocked(now, DAY, HOUR, "hour", "24 hours");
  if (range.name === "today") return today(now, zone);
  if (range.name !== null) {
    const { days } = RANGES[range.name] as { days: number };
    return daily(dayBefore(now, days, zone), isoDay(now, zone));
  }
  const first = (range.asked.from ?? "").slice(0, 10);
  const end = (range.asked.before ?? "").slice(0, 10);
  const last = end && end < isoDay(now, zone) ? end : isoDay(now, zone);
  return first < last ? daily(first, last) : today(now, zone);
}

function daily(from: string, before: string): Span {
  const days = Math.round((noon(before) - noon(from)) / DAY);
  const name = days === 1 ? "day" : days === 7 ? "week" : `${days} days`;
  return { from, before, earlier: dayBefore(noon(from), days, "UTC"), unit: "day", periods: days, name };
}

const noon = (day: string): number => new Date(`${day}T12:00:00Z`).getTime();

function clocked(now: number, length: number, step: number, unit: "minute" | "hour", name: string): Span {
  const end = Math.floor(now / step) * step;
  const [earlier, from, before] = [end - 2 * length, end - length, end].map((time) => new Date(time).toISOString()) as [string, string, string];
  return { from, before, earlier, unit, periods: length / step, name };
}

/** The hours of today that have ended, beside the same ones of yesterday; in the first hour all of yesterday. */
function today(now: number, zone: string): Span {
  const [day, yesterday] = [dayBefore(now, 0, zone), dayBefore(now, 1, zone)];
  const end = Math.floor(now / HOUR) * HOUR;
  let hours = 0;
  while (isoDay(end - (hours + 1) * HOUR, zone) === day) hours += 1;
  if (hours === 0) return daily(yesterday, day);
  return { from: day, before: new Date(end).toISOString(), earlier: yesterday, unit: "hour", periods: hours, name: "day" };
}

/** The points of a trend asked from `earlier` to `before`: those of the span, and those they stand beside. */
export function halves<Point>(points: readonly Point[], span: Span): { now: readonly Point[]; before: readonly Point[] } {
  if (span.earlier === null || span.periods === null) return { now: points, before: [] };
  return { now: points.slice(-span.periods), before: points.slice(0, span.periods) };
}
