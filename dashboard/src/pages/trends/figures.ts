/** What a trend's answer says: its values as people read them, and the sentences that they support. */
import type { Schema } from "../../api/client";
import { className } from "../../parts/classes";
import { decimal, exact, money, percent } from "../../words/numbers";

export type Line = Schema<"TrendLine">;
export type Point = Schema<"TrendPoint">;

export const FIGURES: Record<string, string> = {
  people: "people",
  events: "events",
  purchases: "orders",
  revenue: "revenue",
  average_order_value: "average order",
  sum: "sum",
  average: "average",
  sessions: "sessions",
  session_duration: "minutes a session",
  events_a_session: "events a session",
  bounce_share: "bounce share",
  conversion: "conversion",
};

/** Whose periods add up to the whole. */
const ADDS_UP = new Set(["events", "purchases", "revenue", "sum", "sessions"]);
const SHARES = new Set(["bounce_share", "conversion"]);
const COUNTS = new Set(["people", "events", "purchases", "sessions"]);

export const keyOf = (line: { value: string | null; other: boolean }): string => (line.other ? "*" : line.value === null ? "?" : `=${line.value}`);

export function nameOf(line: Line, split: string | null, figure: string): string {
  if (split === null) return FIGURES[figure] ?? figure;
  return line.other ? "other" : line.value === null ? "unknown" : split === "class" ? className(line.value) : line.value;
}

/** A value in its unit; money comes as text. */
export function written(value: Point["value"], figure: string, currency: string): string {
  if (value === null) return "–";
  if (typeof value === "string") return money(value, currency);
  if (SHARES.has(figure)) return percent(value);
  return COUNTS.has(figure) || (figure === "sum" && Number.isInteger(value)) ? exact(value) : decimal(value);
}

const isFinal = (point: Point): boolean => !point.unfinished && !point.partial;
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const periods = (many: number, unit: string): string => `${exact(many)} ${unit}${many === 1 ? "" : "s"}`;

/** Final periods with a value and one beside it; none when mostly nothing was stored in the earlier time. */
export function compared(points: readonly Point[]): Point[] {
  const both = points.filter((point) => isFinal(point) && point.value !== null && point.beside !== null);
  const lived = both.filter((point) => Number(point.beside) !== 0);
  return 2 * lived.length > both.length ? both : [];
}

interface Told {
  figure: string;
  unit: string;
  beside: "before" | "year" | null;
  currency: string;
}

/** How the final periods compare with those beside them, else the figure over the whole range. */
export function finding(line: Line | undefined, { figure, unit, beside, currency }: Told): string {
  const name = capital(FIGURES[figure] ?? figure);
  if (!line) return "Nothing happened in this range.";
  const both = compared(line.points);
  const whole = `${name}: ${written(line.total, figure, currency)} in all.`;
  if (!beside || both.length === 0) return whole;
  const earlier = beside === "year" ? "the year before" : `the ${periods(both.length, unit)} before`;
  if (!ADDS_UP.has(figure)) {
    const above = both.filter((point) => Number(point.value) > Number(point.beside)).length;
    return `${name} ${figure === "people" ? "were" : "was"} above ${beside === "year" ? "the year" : "the time"} before in ${exact(above)} of ${periods(both.length, unit)}.`;
  }
  const sum = (of: "value" | "beside"): number => both.reduce((all, point) => all + Number(point[of]), 0);
  const [now, then] = [sum("value"), sum("beside")];
  if (then === 0) return whole;
  if (COUNTS.has(figure) && Math.max(now, then) < 30) return `${name}: ${exact(now)}, against ${exact(then)} in ${earlier}.`;
  const change = (100 * (now - then)) / then;
  if (Math.abs(change) < 0.5) return `${name} stayed as in ${earlier}.`;
  return `${name} ${change > 0 ? "rose" : "fell"} ${percent(Math.abs(change), 1)} against ${earlier}.`;
}

/** The periods whose value lies far from its like. */
export function unusual(line: Line | undefined, { figure, currency }: Told): string {
  const found = line?.points.filter((point) => point.verdict?.unusual) ?? [];
  if (found.length === 0) return "";
  const said = found.slice(-3).map((point) => `${point.label} (${written(point.value, figure, currency)}, usually about ${exact(Math.round(point.verdict?.expected ?? 0))})`);
  return `Unusual: ${said.join("; ")}${found.length > 3 ? `; and ${found.length - 3} more` : ""}.`;
}
