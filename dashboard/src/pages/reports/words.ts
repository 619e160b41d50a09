/** What watches and schedules are called in sentences. */
import type { Schema } from "../../api/client";
import type { SeverityName } from "../../parts/words";
import { decimal, exact, plural } from "../../words/numbers";

export type Watch = Schema<"WatchItem">;
export type Schedule = Schema<"ScheduleItem">;

const RULES: Record<Watch["rule"], (bound: string) => string> = {
  above: (bound) => `above ${bound}`,
  below: (bound) => `below ${bound}`,
  rises: (bound) => `${bound} % or more up`,
  falls: (bound) => `${bound} % or more down`,
  unusual: () => "unusual for its time",
};

/** `below 1,000`. */
export function rule(watch: Pick<Watch, "rule" | "bound">): string {
  return RULES[watch.rule](figure(watch.bound));
}

/** A figure with its unit, whole where it is whole. */
export function figure(value: number | null, unit = ""): string {
  const text = value !== null && Number.isInteger(value) ? exact(value) : decimal(value);
  return unit && value !== null ? `${text} ${unit}` : text;
}

/** `every Monday at 8:00`. */
export function hours(schedule: Pick<Schedule, "every" | "hour" | "weekday" | "day">): string {
  const at = `at ${schedule.hour}:00`;
  if (schedule.every === "day") return `every day ${at}`;
  if (schedule.every === "week") return `every ${schedule.weekday.charAt(0).toUpperCase()}${schedule.weekday.slice(1)} ${at}`;
  return `on day ${schedule.day} of the month ${at}`;
}

/** Who is told: addresses, and where a webhook goes. */
export function receivers(of: { emails: readonly string[]; webhook: string | null }): string {
  return [...of.emails, ...(of.webhook ? [of.webhook] : [])].join(", ") || "nobody";
}

/** The fill of a state's mark; its word stands beside it. */
export const MARKS: Record<string, SeverityName> = { new: "ok", ok: "ok", alerting: "high", error: "medium" };

/** The finding: what is not as it should be, else how many are watched and sent. */
export function headline(watches: readonly Watch[] | undefined, schedules: readonly Schedule[] | undefined): string {
  if (!watches || !schedules) return "Reports";
  if (watches.length + schedules.length === 0) return "Nobody is told of anything yet.";
  const loud = watches.filter((watch) => watch.state === "alerting");
  const first = loud[0];
  if (first) return loud.length === 1 ? `${first.name}: ${figure(first.value, first.unit)}, ${rule(first)}.` : `${loud.length} of ${plural(watches.length, "watch", "watches")} are alerting.`;
  const failing = watches.filter((watch) => watch.state === "error").length + schedules.filter((one) => one.error).length;
  if (failing > 0) return failing === 1 ? "One of them can't be answered." : `${failing} of them can't be answered.`;
  return `${plural(watches.length, "figure is", "figures are")} watched and ${plural(schedules.length, "report", "reports")} scheduled.`;
}

/** Addresses that somebody wrote with commas or blanks between them. */
export function addresses(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}
