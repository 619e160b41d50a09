/** One alert: what was done, by whom, and the events at which the rule fired. */
import { Link } from "wouter";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { ruleName, timesInWords } from "../../parts/alert_words";
import { Answer } from "../../parts/answer";
import { Drawer } from "../../parts/drawer";
import { Severity } from "../../parts/words";
import { useProject } from "../../state/project";
import { exact, money } from "../../words/numbers";
import { clock, when } from "../../words/times";
import { subjectHref, subjectInWords } from "./subject";

const MOST = 200;

export function AlertDrawer({ id, close }: { id: string; close: () => void }) {
  const { id: project, zone } = useProject();
  const found = useAnswer<Schema<"AlertDetail">>(`/v1/alerts/${encodeURIComponent(id)}`, { limit: MOST, project });
  return (
    <Drawer of={found.data ? ruleName(found.data.alert.rule) : "Alert"} title={found.data?.alert.message ?? "Reading the alert…"} close={close}>
      <Answer of={found} reads="the events behind the alert" height={280}>
        {(detail) => (
          <>
            <dl className="alerts-facts">
              <dt>Severity</dt>
              <dd>
                <Severity of={detail.alert.severity} />
              </dd>
              <dt>By</dt>
              <dd>
                <Link href={subjectHref(detail.alert.subject)}>{subjectInWords(detail.alert.subject)}</Link>
              </dd>
              <dt>Fired</dt>
              <dd>
                {timesInWords(detail.alert.count)}, from {when(detail.alert.first, zone)} to {when(detail.alert.last, zone)}
              </dd>
            </dl>
            <h3 className="strong">
              {exact(detail.events.length)}
              {detail.next === null ? "" : " first"} {detail.events.length === 1 ? "event" : "events"} behind it
            </h3>
            {!detail.complete && <p className="small soft">Not all of them: the alert is very large, or thresholds were changed since.</p>}
            <ol className="alerts-events">
              {detail.events.map((event) => (
                <li key={event.event_id}>
                  <span className="mono">{event.name}</span> {event.page_path ?? event.product_id ?? ""}
                  {event.amount && event.currency ? ` ${money(event.amount, event.currency)}` : ""}
                  <p className="small soft">
                    {when(event.timestamp, zone)}, {clock(event.timestamp, zone, true)}
                    {[event.city, event.country, event.device].filter(Boolean).map((part) => `, ${String(part)}`)}
                  </p>
                </li>
              ))}
            </ol>
          </>
        )}
      </Answer>
    </Drawer>
  );
}
