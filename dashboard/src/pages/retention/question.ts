/** What Retention asks, from its address: a link is a view, and a question that can be kept. */
import { useMemo } from "react";
import type { Params, Schema } from "../../api/client";
import type { Asked } from "../../state/asked";
import { useRange } from "../../state/range";
import { useView } from "../../state/view";

export const UNITS = ["day", "week", "month"] as const;
export type Unit = (typeof UNITS)[number];
export const SHOWN = {
  share: "share of them",
  people: "number of them",
  revenue: "revenue",
  lifetime: "lifetime value of each",
} as const;
export type Shown = keyof typeof SHOWN;
export const USUAL = { unit: "week", periods: "8", first: "*", back: "*", cohorts: "first", by: "person", show: "share" } as const;

export interface Question {
  unit: Unit;
  periods: number;
  first: string;
  back: string;
  cohorts: "first" | "active";
  by: "person" | "session";
  split: string | null;
  where: string | null;
  show: Shown;
  /** For the API. */
  params: Params;
  asked: Asked;
}

const oneOf = <Name extends string>(names: readonly Name[], given: string | null, usual: Name): Name => names.find((name) => name === given) ?? usual;

export function useQuestion(): Question {
  const view = useView();
  const range = useRange("90d");
  return useMemo(() => {
    const periods = Number(view.get("periods") ?? USUAL.periods);
    const told = {
      unit: oneOf(UNITS, view.get("unit"), USUAL.unit),
      periods: Number.isInteger(periods) && periods >= 1 && periods <= 52 ? periods : Number(USUAL.periods),
      first: view.get("first") ?? USUAL.first,
      back: view.get("back") ?? USUAL.back,
      cohorts: oneOf(["first", "active"] as const, view.get("cohorts"), USUAL.cohorts),
      by: oneOf(["person", "session"] as const, view.get("by"), USUAL.by),
      split: view.get("split"),
      where: view.get("where"),
    };
    const show = oneOf(Object.keys(SHOWN) as Shown[], view.get("show"), USUAL.show);
    const money = show === "revenue" || show === "lifetime";
    const params = { ...range.asked, ...told, money: money || undefined };
    return { ...told, show, params, asked: { kind: "retention", params: textOf(params) } };
  }, [view, range]);
}

/** Parameters as they stand in an address; what is nothing is left out. */
function textOf(params: Params): Asked["params"] {
  const said = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]));
}

export type Part = Schema<"RetentionPart">;
export type Cohort = Schema<"CohortItem">;
export type Cell = Schema<"CellItem">;

/** Which number is open: a cohort, or its cell; as text in the address. */
export interface Opened {
  cohort: string;
  period: number | null;
}

export const writeOpened = ({ cohort, period }: Opened): string => (period === null ? cohort : `${cohort}~${period}`);

export function readOpened(text: string | null): Opened | null {
  if (!text) return null;
  const [cohort = "", period] = text.split("~");
  return { cohort, period: period === undefined ? null : Number(period) };
}
