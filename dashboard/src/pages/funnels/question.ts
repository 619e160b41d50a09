/** The funnel that the page's address asks for. Its parameters have the API's names, so the address reads like the question. */
import { useMemo } from "react";
import type { Asked } from "../../state/asked";
import { useRange, type Range } from "../../state/range";
import { useView } from "../../state/view";

export const USUAL_STEPS: readonly string[] = ["kind:view", "kind:cart", "kind:purchase"];
export const MOST_STEPS = 30;
const USUAL = { within: "7d", order: "loose", by: "person", split: "class", against: "before" } as const;

export interface Question {
  steps: readonly string[];
  within: string;
  order: string;
  by: "person" | "session";
  /** A property; null for none. */
  split: string | null;
  where: string | null;
  /** What a bar's height is measured against: the step before, or the first. */
  against: "before" | "first";
  /** Of the trend. */
  unit: string;
  range: Range;
  /** For `/v1/funnel`. */
  params: Record<string, string | string[] | undefined>;
}

/** Which number's people are open, by the API's coordinates; null for none. */
export interface Opened {
  at: number;
  dropped: boolean;
  /** `=value`, `?` for the unknown, `*` for the others; null for all. */
  part: string | null;
  period: string | null;
}

export function useQuestion(): Question {
  const view = useView();
  const range = useRange();
  return useMemo(() => {
    const given = view.all("step").filter(Boolean);
    const steps = given.length ? given : USUAL_STEPS;
    const split = view.get("split") ?? USUAL.split;
    const question = {
      steps,
      within: view.get("within") ?? USUAL.within,
      order: view.get("order") ?? USUAL.order,
      by: view.get("by") === "session" ? ("session" as const) : ("person" as const),
      split: split === "none" ? null : split,
      where: view.get("where"),
      against: view.get("against") === "first" ? ("first" as const) : ("before" as const),
    };
    const params = {
      step: [...steps],
      within: question.within,
      order: question.order,
      by: question.by,
      split: question.split ?? undefined,
      where: question.where ?? undefined,
      ...range.asked,
    };
    return { ...question, unit: unitOf(range), range, params };
  }, [view, range]);
}

/** Periods of which the range has neither very few nor very many. */
function unitOf(range: Range): string {
  const { from, before } = range.asked;
  if (from === undefined) return "month";
  const days = ((before === undefined ? Date.now() : Date.parse(before)) - Date.parse(from)) / 86_400_000;
  return days <= 2 ? "hour" : days <= 62 ? "day" : days <= 400 ? "week" : "month";
}

/** The changes of the address that a changed setting is: what is usual is left out, and no bar stays open. */
export function changed(changes: Partial<Record<keyof typeof USUAL, string>>): Record<string, string | null> {
  const usual: Record<string, string> = USUAL;
  return { ...CLOSED, ...Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value === usual[name] ? null : value])) };
}

export const CLOSED = { at: null, dropped: null, part: null, period: null, trait: null } as const;

export function useOpened(steps: number): Opened | null {
  const view = useView();
  const at = Number(view.get("at"));
  if (!Number.isInteger(at) || at < 1 || at > steps) return null;
  return { at, dropped: view.get("dropped") !== null && at > 1, part: view.get("part"), period: view.get("period") };
}

export const opening = (opened: Opened): Record<string, string | null> => ({
  at: String(opened.at),
  dropped: opened.dropped ? "true" : null,
  part: opened.part,
  period: opened.period,
});

/** The coordinates for `/v1/funnel/people`. */
export function coordinatesOf(opened: Opened): Record<string, string | number | boolean | undefined> {
  const { part } = opened;
  return {
    at: opened.at,
    dropped: opened.dropped || undefined,
    period: opened.period ?? undefined,
    value: part?.startsWith("=") ? part.slice(1) : undefined,
    unknown: part === "?" || undefined,
    other: part === "*" || undefined,
  };
}

/** The question as what is kept and repeated. */
export function askedOf(params: Question["params"]): Asked {
  const given = Object.entries(params).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined);
  return { kind: "funnel", params: Object.fromEntries(given) };
}
