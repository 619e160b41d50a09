/** What Overview asks: three trends for its figures, then what its sentences are found in. */
import { useQuery, keepPreviousData, type UseQueryResult } from "@tanstack/react-query";
import { get, type Params, type Schema } from "../../api/client";
import { queries } from "../../api/queries";
import type { Project } from "../../state/project";
import {
  cartsLost,
  channelApart,
  classMoved,
  hoursApart,
  newcomersApart,
  productUnbought,
  revenueChanged,
  worthKnowing,
  type Facts,
  type Finding,
  type Line,
  type ProductRow,
  type SessionRow,
} from "./findings";
import type { Ask } from "../../state/ask";
import type { Points } from "./figures";
import { halves, type Span } from "./span";

type Trends = Schema<"Trends">;

export interface Told {
  span: Span;
  facts: Facts;
  /** The revenue's points in the span. */
  points: Points;
  /** What was asked for the figures: revenue, purchases, sessions. */
  asks: readonly [revenue: Ask, purchases: Ask, sessions: Ask];
}

const pointsOf = (trends: Trends): Points => trends.rows[0]?.points ?? [];

function lineOf(trends: Trends, span: Span): Line {
  const { now, before } = halves(pointsOf(trends).map(({ value }) => Number(value ?? 0)), span);
  return { now, before };
}

/** Months before the first with anything in it: nobody asked for them, "everything" begins with the first. */
function silent(lines: readonly Line[]): number {
  const first = lines[0]?.now.findIndex((_, index) => lines.some((line) => line.now[index])) ?? 0;
  return Math.max(0, first);
}

const scope = (span: Span, { zone, id }: Project): { from: string; before: string; zone: string; project: string } => ({ from: span.from, before: span.before, zone, project: id });

/** The four figures' facts. While others are asked for, the last ones stay, with the span that they are of. */
export function useFigures(span: Span, project: Project): UseQueryResult<Told> {
  const params = { ...scope(span, project), from: span.earlier ?? span.from, unit: span.unit };
  const ask = (figure: string): Ask => ({ path: "/v1/trends", params: { ...params, figure } });
  const asks = [ask("revenue"), ask("purchases"), ask("sessions")] as const;
  return useQuery({
    queryKey: ["overview", params],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const asked = asks.map((one) => get<Trends>(one.path, one.params, signal));
      const [revenue, purchases, sessions] = (await Promise.all(asked)) as [Trends, Trends, Trends];
      const lines = [revenue, purchases, sessions].map((trends) => lineOf(trends, span));
      const cut = span.earlier === null ? silent(lines) : 0;
      const [taken, orders, visits] = lines.map(({ now, before }): Line => ({ now: now.slice(cut), before })) as [Line, Line, Line];
      const range = { from: span.from, to: span.before };
      const facts = { currency: revenue.currency, span: span.name, range, revenue: taken, purchases: orders, sessions: visits };
      return { span, facts, points: halves(pointsOf(revenue), span).now.slice(cut), asks };
    },
  });
}

export const STEPS = ["kind:view", "kind:cart", "kind:purchase"];

/** The sentences; asked when the figures stand. */
export function useFindings(told: Told | undefined, project: Project): UseQueryResult<Finding[]> {
  const params = told && scope(told.span, project);
  return useQuery({
    queryKey: ["overview", "sentences", params],
    enabled: told !== undefined,
    placeholderData: keepPreviousData,
    queryFn: () => findingsOf(told!, params!),
  });
}

/** One question after the other, so that a page of ten questions holds up nobody else's. */
async function findingsOf({ facts, span, points }: Told, asked: ReturnType<typeof scope>): Promise<Finding[]> {
  const ask = <Answer>(path: string, given: Params): Promise<Answer> => {
    const params = { ...asked, ...given };
    return queries.fetchQuery({ queryKey: [path, params], queryFn: ({ signal }) => get<Answer>(path, params, signal) });
  };
  const sessionsBy = async (dimension: string, params: Params = {}) => {
    const { rows, total } = await ask<Schema<"Breakdown">>(`/v1/breakdown/${dimension}`, { ...params, top: 1000 });
    return { rows: rows as SessionRow[], total: total as SessionRow };
  };
  const compared = span.earlier !== null;
  const byHour = compared && span.unit === "day" && (span.periods ?? 0) >= 7;
  const funnel = { ...asked, step: STEPS, by: "session" };
  const steps = await ask<Schema<"Funnel">>("/v1/funnel", funnel);
  const begun = byHour ? await ask<Trends>("/v1/trends", { figure: "sessions", unit: "hour" }) : null;
  const converted = byHour ? await ask<Trends>("/v1/trends", { figure: "conversion", unit: "hour" }) : null;
  const channels = await sessionsBy("channels");
  const products = await ask<Schema<"Breakdown">>("/v1/breakdown/products", { top: 1000 });
  const classes = compared ? await sessionsBy("classes") : null;
  const before = compared ? await sessionsBy("classes", { from: span.earlier, before: span.from }) : null;
  const newcomers = compared ? await sessionsBy("classes", { where: `person.first_seen >= "${points[0]?.begin}"` }) : null;
  return worthKnowing([
    compared && span.unit === "day" ? revenueChanged(facts) : null,
    cartsLost(facts, steps.rows[0]?.steps ?? [], funnel),
    channelApart(facts, channels.rows, channels.total),
    productUnbought(facts, products.rows as ProductRow[]),
    newcomers && newcomersApart(facts, newcomers.total, channels.total),
    classes && before && classMoved(facts, classes.rows, before.rows),
    begun && converted && hoursApart(facts, hoursOf(pointsOf(begun), pointsOf(converted))),
  ]);
}

const hoursOf = (begun: Points, converted: Points) =>
  begun.map(({ label, value }, index) => {
    const sessions = Number(value ?? 0);
    return { label, sessions, bought: Math.round((sessions * Number(converted[index]?.value ?? 0)) / 100) };
  });
