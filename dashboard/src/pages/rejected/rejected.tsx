/** Rejected events: how many when, for which reasons, what each said, and another try once something was mended. */
import { useAnswer } from "../../api/queries";
import type { Schema } from "../../api/client";
import { Answer, Nothing } from "../../parts/answer";
import { Chart, escaped } from "../../parts/chart";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { Choice } from "../../parts/button";
import { useMay, useProject } from "../../state/project";
import { dayBefore, useRange } from "../../state/range";
import { useView } from "../../state/view";
import { exact, plural } from "../../words/numbers";
import { when } from "../../words/times";
import { headlineOf, periodsOf, type Counts, type Reason, type Unit } from "./counted";
import { One } from "./one";
import { Replay } from "./replay";
import "./rejected.css";

/** The API tells of at most 2,000 periods. */
const MOST_DAYS = 1_990;

export default function Rejected() {
  const project = useProject();
  const view = useView();
  const range = useRange("28d");
  const [reason, source, id] = [view.get("reason"), view.get("source"), view.get("id")];
  const unit = range.name === "1h" || range.name === "24h" || range.name === "today" ? "hour" : "day";
  const from = range.asked.from ?? dayBefore(Date.now(), MOST_DAYS, project.zone);
  const all = useAnswer<Counts>("/v1/rejected/counts", { ...range.asked, from, unit });
  const open = (changes: Record<string, string | null>): void => view.set(changes);
  const may = useMay("import");
  return (
    <Page name="Rejected events" headline={all.data ? headlineOf(all.data) : "Rejected events"} lede="They are kept with their reason and lose nothing: once something is mended, they can be tried again.">
      <Sheet>
        <Cell span={5} first title="When they came" subtitle={`events by ${unit} of arrival, ${project.zone}`}>
          <Answer of={all} reads="how many were rejected" height={260} isEmpty={(found) => found.total === 0} empty={<Nothing>Nothing was rejected in this range. A longer one may have some.</Nothing>}>
            {(found) => <OverTime found={found} unit={unit} />}
          </Answer>
        </Cell>
        <Cell span={7} last title="By reason" subtitle="reason and door, with the newest of each">
          <Answer of={all} reads="why they were rejected" height={260} isEmpty={(found) => found.total === 0} empty={<Nothing>No reason to show.</Nothing>}>
            {(found) => <Table caption="Rejected events by reason and door" columns={reasons(project.zone)} rows={found.reasons} rowKey={(row) => `${row.reason} ${row.source}`} selected={reason ? `${reason} ${source ?? ""}` : null} open={(row) => open({ reason: row.reason, source: row.source, id: null })} />}
          </Answer>
        </Cell>
        <Cell
          span={may ? 8 : 12}
          first
          last={!may}
          title="Newest first"
          subtitle={reason ? `only ${reason}${source ? `, through ${source}` : ""}` : "all reasons, of all time"}
          action={reason && <button type="button" className="link" onClick={() => open({ reason: null, source: null, id: null })}>All reasons</button>}
        >
          <List reason={reason} source={source} id={id} open={(one) => open({ id: one })} />
        </Cell>
        {may && (
          <Cell span={4} last title="Try again" subtitle={reason ? `${reason}, whenever it came` : "choose a reason first"}>
            {reason ? <Replay key={`${reason} ${source ?? ""}`} reason={reason} source={source} /> : <p className="second">Click a reason above: what mends it stands there.</p>}
          </Cell>
        )}
      </Sheet>
      {id && <One id={id} close={() => open({ id: null })} />}
    </Page>
  );
}

const reasons = (zone: string): Column<Reason>[] => [
  { key: "reason", head: "Reason", cell: (row) => <span className="rejected-why">{row.meaning || row.reason}<small>{row.mend}</small></span>, plain: (row) => row.reason },
  { key: "source", head: "From", cell: (row) => <code>{row.source}</code>, sort: (row) => row.source, wide: true },
  { key: "said", head: "What it said", cell: (row) => <code className="clip">{row.sample.body}</code>, plain: (row) => row.sample.body, wide: true },
  { key: "count", head: "Events", cell: (row) => exact(row.count), sort: (row) => row.count, figure: true },
  { key: "last", head: "Last", cell: (row) => when(row.last, zone), sort: (row) => row.last, figure: true },
];

function OverTime({ found, unit }: { found: Counts; unit: Unit }) {
  const periods = periodsOf(found, unit);
  return (
    <Chart
      label={`Rejected events over time, ${plural(found.total, "event", "events")} in all`}
      file="rejected-events"
      columns={[
        { key: "period", head: "Period", cell: (row) => row.label, sort: (row) => row.label },
        { key: "events", head: "Events", cell: (row) => exact(row.count), sort: (row) => row.count, figure: true },
      ]}
      rows={periods}
      rowKey={(row) => row.label}
      option={() => ({
        xAxis: { type: "category", data: periods.map((period) => period.label) },
        yAxis: { type: "value", minInterval: 1 },
        tooltip: { trigger: "axis", formatter: (shown: { name: string; value: number }[]) => escaped(`${shown[0]?.name}: ${plural(shown[0]?.value ?? 0, "event", "events")}`) },
        series: [{ type: "bar", data: periods.map((period) => period.count), barMaxWidth: 12, itemStyle: { borderRadius: 1 } }],
      })}
    />
  );
}

interface ListProps {
  reason: string | null;
  source: string | null;
  id: string | null;
  open(id: string): void;
}

const STEPS = ["50", "200", "1000"] as const;

function List({ reason, source, id, open }: ListProps) {
  const project = useProject();
  const view = useView();
  const shown = STEPS.find((one) => one === view.get("show")) ?? "50";
  const found = useAnswer<Schema<"RejectedPage">>("/v1/rejected", { project: project.id, reason, source, limit: shown });
  const columns: Column<Schema<"RejectedItem">>[] = [
    { key: "received", head: "Received", cell: (row) => when(row.received, project.zone), sort: (row) => row.received },
    { key: "reason", head: "Reason", cell: (row) => row.reason, sort: (row) => row.reason },
    { key: "name", head: "Event", cell: (row) => <code>{row.name ?? "–"}</code>, sort: (row) => row.name },
    { key: "source", head: "From", cell: (row) => <code>{row.source}</code>, sort: (row) => row.source, wide: true },
    { key: "detail", head: "What was wrong", cell: (row) => <span className="clip">{row.detail}</span>, plain: (row) => row.detail, wide: true },
  ];
  return (
    <Answer of={found} reads="the rejected events" height={320} isEmpty={(page) => page.items.length === 0} empty={<Nothing>Nothing that was rejected is kept{reason ? " for this reason" : ""}.</Nothing>}>
      {(page) => (
        <>
          <Table caption="Rejected events, newest first" columns={columns} rows={page.items} rowKey={(row) => row.rejected_id} selected={id} open={(row) => open(row.rejected_id)} dense />
          {page.next && (
            <p className="small soft">
              The newest <Choice label="How many are shown" value={shown} options={STEPS.map((value) => ({ value, label: value }))} onChange={(show) => view.set({ show }, true)} /> are shown; there are more.
            </p>
          )}
        </>
      )}
    </Answer>
  );
}
