/** The newest fraud alerts, in words. */
import { useCallback, useRef } from "react";
import { Link } from "wouter";
import type { Schema } from "../../api/client";
import { useLive } from "../../api/live";
import { useAnswer } from "../../api/queries";
import { ruleName, timesInWords } from "../../parts/alert_words";
import { Answer, Nothing } from "../../parts/answer";
import { Cell } from "../../parts/sheet";
import { Severity } from "../../parts/words";
import { useProject } from "../../state/project";
import { exact } from "../../words/numbers";
import { when } from "../../words/times";

const SHOWN = 4;
const MOST = 100;
const DAY_MINUTES = 24 * 60;

export function Fraud({ minute }: { minute: number }) {
  const { id: project, zone } = useProject();
  const from = new Date((Math.floor(minute / 10) * 10 - DAY_MINUTES) * 60_000).toISOString();
  const alerts = useAnswer<Schema<"AlertPage">>("/v1/alerts", { from, limit: MOST, project }, { every: 30_000 });
  useSoon(project, () => void alerts.refetch());
  const found = alerts.data?.items.length ?? 0;
  const more = alerts.data?.next != null;
  return (
    <Cell span={4} last label="Fraud alerts" title={found ? `${exact(found)}${more ? "+" : ""} fraud ${found === 1 ? "alert" : "alerts"}` : "Fraud alerts"} subtitle="last 24 hours" action={<Link href="/alerts">All alerts</Link>}>
      <Answer of={alerts} reads="the fraud alerts of the last day" height={200} isEmpty={(page) => page.items.length === 0} empty={<Nothing>No rule has fired in the last 24 hours.</Nothing>}>
        {(page) => (
          <ul className="live-alerts">
            {page.items.slice(0, SHOWN).map((alert) => (
              <li key={alert.alert_id}>
                <Link href={`/alerts?alert=${encodeURIComponent(alert.alert_id)}`} className="strong">
                  {alert.message}
                </Link>
                <Severity of={alert.severity} />
                <p className="small soft">
                  {ruleName(alert.rule)}, {timesInWords(alert.count)}
                </p>
                <p className="small soft right">{when(alert.last, zone)}</p>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Cell>
  );
}

/** Calls `then` after the stream told of an alert, once for all that come within a second. */
function useSoon(project: string, then: () => void): void {
  const waiting = useRef(false);
  useLive(
    useCallback(
      (kind: string) => {
        if (kind !== "alert" || waiting.current) return;
        waiting.current = true;
        window.setTimeout(() => {
          waiting.current = false;
          then();
        }, 1_000);
      },
      [then],
    ),
    project,
  );
}
