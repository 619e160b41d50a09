/** The trend that the page's address asks for. Its parameters have the API's names, so the address reads like the question. */
import { useMemo } from "react";
import type { Asked } from "../../state/asked";
import { useRange, type Range } from "../../state/range";
import { useView } from "../../state/view";

const USUAL = { figure: "people", of: "*", by: "person", split: "none", beside: "before" } as const;

export interface Question {
  figure: string;
  of: string;
  /** What is summed or averaged; null for other figures. */
  property: string | null;
  unit: string;
  by: "person" | "session";
  split: string | null;
  beside: "before" | "year" | null;
  where: string | null;
  range: Range;
  /** For `/v1/trends`. */
  params: Record<string, string | undefined>;
}

export const ofProperty = (figure: string): boolean => figure === "sum" || figure === "average";

export function useQuestion(): Question {
  const view = useView();
  const range = useRange();
  return useMemo(() => {
    const figure = view.get("figure") ?? USUAL.figure;
    const [split, beside] = [view.get("split") ?? USUAL.split, view.get("beside") ?? USUAL.beside];
    const question = {
      figure,
      of: view.get("of") ?? USUAL.of,
      property: ofProperty(figure) ? (view.get("property") ?? "price") : null,
      unit: view.get("unit") ?? unitOf(range),
      by: view.get("by") === "session" ? ("session" as const) : ("person" as const),
      split: split === "none" ? null : split,
      beside: beside === "before" || beside === "year" ? (beside as "before" | "year") : null,
      where: view.get("where"),
    };
    const { property, split: by, beside: against, where, ...named } = question;
    const params = { ...named, property: property ?? undefined, split: by ?? undefined, beside: against ?? undefined, where: where ?? undefined, ...range.asked };
    return { ...question, range, params };
  }, [view, range]);
}

/** Periods of which the range has neither very few nor very many. */
function unitOf(range: Range): string {
  const { from, before } = range.asked;
  if (from === undefined) return "week";
  const hours = ((before === undefined ? Date.now() : Date.parse(before)) - Date.parse(from)) / 3_600_000;
  return hours <= 2 ? "minute" : hours <= 72 ? "hour" : hours <= 24 * 100 ? "day" : hours <= 24 * 800 ? "week" : "month";
}

/** The changes of the address that a changed setting is: what is usual is left out, and nobody's list stays open. */
export function changed(changes: Readonly<Record<string, string | null>>): Record<string, string | null> {
  const usual: Record<string, string> = USUAL;
  return { ...CLOSED, ...Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value === usual[name] ? null : value])) };
}

/** Which number's people are open: of one line, in one period or all. */
export interface Opened {
  /** `=value`, `?` for the unknown or for all, `*` for the others. */
  line: string;
  /** When the period begins; null for the whole range. */
  period: string | null;
}

export const CLOSED = { line: null, period: null } as const;

export function useOpened(): Opened | null {
  const view = useView();
  const line = view.get("line");
  return line === null ? null : { line, period: view.get("period") };
}

/** The coordinates for `/v1/trends/people`. */
export function coordinatesOf({ line, period }: Opened, split: string | null): Record<string, string | boolean | undefined> {
  const part = split === null ? "" : line;
  return { period: period ?? undefined, value: part.startsWith("=") ? part.slice(1) : undefined, unknown: part === "?" || undefined, other: part === "*" || undefined };
}

/** The question as what is kept and repeated. */
export function askedOf(params: Question["params"]): Asked {
  return { kind: "trends", params: Object.fromEntries(Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined)) };
}
