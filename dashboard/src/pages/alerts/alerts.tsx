/** Alerts of the fraud rules: what happened, by whom, the events behind it, who is risky, and what thresholds would hit. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { ruleName, timesInWords } from "../../parts/alert_words";
import { Answer, Nothing } from "../../parts/answer";
import { Button, Choice } from "../../parts/button";
import { Pager } from "../../parts/pager";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { Severity } from "../../parts/words";
import { useProject } from "../../state/project";
import { useRange } from "../../state/range";
import { useView } from "../../state/view";
import { exact } from "../../words/numbers";
import { when } from "../../words/times";
import { AlertDrawer } from "./alert_drawer";
import { Ladders } from "./ladders";
import { Risk } from "./risk";
import { subjectInWords } from "./subject";
import "./alerts.css";

const PAGE = 50;
const RULES = ["HIGH_VELOCITY", "MULTIPLE_IP", "RAPID_LOCATION_CHANGE", "HIGH_VALUE_PURCHASE"] as const;
type Alert = Schema<"AlertItem">;

export default function Alerts() {
  const view = useView();
  const { zone } = useProject();
  const range = useRange("7d");
  const [rule, severity, subject, cursor, open] = ["rule", "severity", "subject", "cursor", "alert"].map((name) => view.get(name));
  const { zone: _, ...asked } = range.asked;
  const found = useAnswer<Schema<"AlertPage">>("/v1/alerts", { ...asked, rule, severity, subject, cursor, limit: PAGE }, { every: 30_000 });
  const filtered = Boolean(rule ?? severity ?? subject);
  const set = (changes: Readonly<Record<string, string | null>>): void => view.set({ ...changes, cursor: null, alert: null });
  return (
    <Page name="Alerts" headline={found.data ? headlineOf(found.data) : "Alerts of the fraud rules"} lede={`${range.label}, times in ${zone}. Imports raise no alerts.`}>
      <p className="sentence">
        Alerts of{" "}
        <Choice
          label="Rule"
          value={rule ?? ""}
          options={[{ value: "", label: "every rule" }, ...RULES.map((each) => ({ value: each as string, label: ruleName(each).toLowerCase() }))]}
          onChange={(value) => set({ rule: value || null })}
        />{" "}
        of{" "}
        <Choice
          label="Severity"
          value={severity ?? ""}
          options={[
            { value: "", label: "every severity" },
            { value: "high", label: "high severity" },
            { value: "medium", label: "medium severity" },
          ]}
          onChange={(value) => set({ severity: value || null })}
        />
        {subject && (
          <>
            {" "}
            of <strong>{subjectInWords(subject)}</strong>{" "}
            <Button look="quiet" onClick={() => set({ subject: null })}>
              of everybody
            </Button>
          </>
        )}
      </p>
      <Sheet>
        <Cell span={8} first title="What happened" subtitle="those that fired last first">
          <Answer
            of={found}
            reads="the alerts"
            height={320}
            isEmpty={(page) => page.items.length === 0}
            empty={
              <Nothing action={filtered ? <Button onClick={() => set({ rule: null, severity: null, subject: null })}>Without the filters</Button> : undefined}>
                {filtered ? "No alert matches all filters in this range." : "No rule fired in this range."}
              </Nothing>
            }
          >
            {(page) => (
              <>
                <Table caption="Alerts" columns={columns(zone)} rows={page.items} rowKey={(one) => one.alert_id} open={(one) => view.set({ alert: one.alert_id })} selected={open ?? null} />
                <Pager next={page.next} size={PAGE} />
              </>
            )}
          </Answer>
        </Cell>
        <Risk choose={(one) => set({ subject: one })} />
        <Ladders />
      </Sheet>
      {open && <AlertDrawer key={open} id={open} close={() => view.set({ alert: null })} />}
    </Page>
  );
}

/** `12 alerts, 3 of them high, of 4 visitors.`; more than a page is said so. */
export function headlineOf(page: Schema<"AlertPage">): string {
  const { items } = page;
  if (items.length === 0) return "No rule has fired.";
  const some = page.next === null ? "" : "The newest ";
  const high = items.filter((one) => one.severity === "high").length;
  const who = new Set(items.map((one) => one.subject)).size;
  const alerts = `${some}${exact(items.length)} ${items.length === 1 ? "alert" : "alerts"}`;
  const heavy = high === 0 || items.length === 1 ? "" : `, ${exact(high)} of them high,`;
  return `${alerts}${heavy} of ${exact(who)} ${who === 1 ? "visitor" : "visitors"}.`;
}

function columns(zone: string): Column<Alert>[] {
  return [
    { key: "message", head: "What was done", cell: (one) => <span className="alerts-message two">{one.message}<small>{ruleName(one.rule)}, {timesInWords(one.count)}</small></span>, plain: (one) => one.message },
    { key: "subject", head: "By", cell: (one) => <span className="clip" title={one.subject}>{subjectInWords(one.subject)}</span>, plain: (one) => one.subject, wide: true },
    { key: "severity", head: "Severity", cell: (one) => <Severity of={one.severity} />, plain: (one) => one.severity },
    { key: "last", head: "Last", cell: (one) => when(one.last, zone), plain: (one) => one.last, figure: true },
  ];
}
