/** What the figures of a breakdown are called, what they mean, and how one is written: no page, no question. */
import type { Schema } from "../../api/client";
import { exact, money, percent } from "../../words/numbers";
import { duration } from "../../words/times";

export type Row = Schema<"PageRow"> | Schema<"ProductRow"> | Schema<"SessionRow">;
/** A field of a row that is a figure. */
export type Key<R extends Row> = Exclude<keyof R & string, "value">;

/** A figure of each row and of all of them together. */
export interface Figure<R extends Row> {
  key: Key<R>;
  head: string;
  /** Its definition, behind the dotted line. */
  means: string;
  as: "count" | "percent" | "money" | "minutes";
  /** Whom it counts: then it opens their list. */
  counts?: "people" | "sessions";
  /** Of a percentage: the figures it is made of; under thirty cases they stand there instead. */
  of?: readonly [part: Key<R>, base: Key<R>];
  /** Left out on a phone. */
  wide?: boolean;
}

/** An answer whose rows have the columns of its dimension. */
export interface Found<R extends Row> {
  rows: readonly R[];
  total: R;
  currency: string;
  people: Schema<"PeopleLink">;
}

export const FEW = 30;

/** The value of a figure as a number; null where there is none. */
export function valueOf<R extends Row>(row: R, key: Key<R>): number | null {
  const value: unknown = row[key];
  return typeof value === "number" || typeof value === "string" ? Number(value) : null;
}

/** How a figure stands in a table: `30.24%`, but `3 of 12` under thirty cases. */
export function written<R extends Row>(figure: Figure<R>, row: R, currency: string): string {
  const value = valueOf(row, figure.key);
  if (figure.as === "money") return money(value, currency);
  if (figure.as === "minutes") return value === null ? "–" : duration(value * 60);
  if (figure.as === "count") return exact(value);
  const [part, base] = figure.of ?? [];
  const cases = base === undefined ? null : valueOf(row, base);
  if (part !== undefined && cases !== null && cases > 0 && cases < FEW) return `${exact(valueOf(row, part))} of ${exact(cases)}`;
  return percent(value);
}

/** The row with the greatest figure, the first of equal ones; undefined without rows that have it. */
export function greatest<R extends Row>(rows: readonly R[], key: Key<R>): R | undefined {
  let found: R | undefined;
  for (const row of rows) if ((valueOf(row, key) ?? -Infinity) > (found ? (valueOf(found, key) ?? -Infinity) : -Infinity)) found = row;
  return found;
}

/** `/coffee`, or what stands for the unknown. */
export const nameOf = (row: Row, unknown: string): string => row.value ?? unknown;
