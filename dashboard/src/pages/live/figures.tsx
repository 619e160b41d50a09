/** Events a second, and what the last hour brought: sessions, orders, revenue. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Schema } from "../../api/client";
import type { Counters } from "../../api/live";
import { Answer } from "../../parts/answer";
import type { DrillDown } from "../../parts/people_drawer";
import { Spark } from "../../parts/spark";
import { Defined, Delta } from "../../parts/words";
import { count, decimal, exact, money, percent } from "../../words/numbers";
import type { BreakdownOf, Hour } from "./hour";
import { useRates } from "./rates";

/** Sessions by class, and all of them. */
export type OfClasses = BreakdownOf<Schema<"SessionRow">>;

interface Props {
  counters: Counters | null;
  hour: UseQueryResult<OfClasses>;
  before: OfClasses | undefined;
  asked: Hour;
  open(of: DrillDown, title: string): void;
}

function Figure({ name, means, value, children, beside }: { name: string; means: string; value: ReactNode; children?: ReactNode; beside?: ReactNode }) {
  return (
    <div>
      <p className="small second">
        <Defined means={means}>{name}</Defined>
      </p>
      <p className="figure">{value}</p>
      <p className="small second">{children}</p>
      {beside}
    </div>
  );
}

export function Figures({ counters, hour, before, asked, open }: Props) {
  const rates = useRates(counters);
  const usual = rates.length ? rates.reduce((sum, rate) => sum + rate, 0) / rates.length : null;
  return (
    <div className="live-four">
      <Figure
        name="Events a second"
        means="Events that were stored within the last second"
        value={counters ? decimal(counters.events_per_second, 1) : "–"}
        beside={<Spark values={rates} width={100} height={40} label={`Events a second, last ${Math.ceil(rates.length / 60)} min`} />}
      >
        {usual === null ? "waiting for the first" : `mean ${decimal(usual, 1)}, last ${rates.length < 60 ? `${rates.length} s` : `${Math.round(rates.length / 60)} min`}`}
      </Figure>
      <Answer of={hour} reads="the sessions of the last hour" height={80}>
        {(found) => <OfTheHour found={found} before={before} asked={asked} open={open} />}
      </Answer>
    </div>
  );
}

interface OfTheHourProps extends Pick<Props, "before" | "asked" | "open"> {
  found: OfClasses;
}

function OfTheHour({ found, before, asked, open }: OfTheHourProps) {
  const of = found.total;
  const sessions = of.sessions ?? 0;
  const earlier = before?.total.sessions ?? 0;
  const behind = (figure: string, shown: number): DrillDown => ({
    path: found.people.path,
    params: { ...asked, by: "session", figure },
    shown,
    noun: "sessions",
  });
  return (
    <>
      <Figure
        name="Sessions, last hour"
        means="Sessions with an event within the last 60 minutes"
        value={
          <button type="button" className="link" data-figure={sessions} onClick={() => open(behind("sessions", sessions), "Sessions, last hour")}>
            {count(sessions)}
          </button>
        }
      >
        {earlier >= 30 ? <Delta value={(100 * (sessions - earlier)) / earlier} against="on the hour before" /> : `${exact(earlier)} in the hour before`}
      </Figure>
      <Figure name="Orders, last hour" means="Purchases; of one order in a session only the first counts" value={count(of.purchases)}>
        <button type="button" className="link" data-figure={of.conversions} onClick={() => open(behind("conversions", of.conversions), "Sessions with an order, last hour")}>
          {exact(of.conversions)}
        </button>{" "}
        of {exact(sessions)} sessions{sessions >= 30 ? `, ${percent(of.conversion_rate)}` : ""}
      </Figure>
      <Figure name="Revenue, last hour" means="Amounts of purchases before refunds" value={of.purchases ? money(of.revenue, found.currency) : "none"}>
        {of.purchases ? `${money(Number(of.revenue) / of.purchases, found.currency)} an order` : "no purchase yet"}
      </Figure>
    </>
  );
}
