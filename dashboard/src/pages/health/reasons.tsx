/** Rejected events of the range by reason and door; a row opens them. */
import { useLocation } from "wouter";
import type { Schema } from "../../api/client";
import { Table, type Column } from "../../parts/table";
import { exact } from "../../words/numbers";
import { when } from "../../words/times";

type Reason = Schema<"RejectedReason">;

export function Reasons({ found, zone }: { found: Schema<"RejectedCounts">; zone: string }) {
  const [, go] = useLocation();
  const columns: Column<Reason>[] = [
    { key: "reason", head: "Reason", cell: (row) => <span className="health-why">{row.meaning || row.reason}</span>, plain: (row) => row.reason },
    { key: "source", head: "From", cell: (row) => <code>{row.source}</code>, sort: (row) => row.source, wide: true },
    { key: "said", head: "What it said", cell: (row) => <code className="clip health-said">{row.sample.body}</code>, plain: (row) => row.sample.body, wide: true },
    { key: "count", head: "Events", cell: (row) => exact(row.count), sort: (row) => row.count, figure: true },
    { key: "last", head: "Last", cell: (row) => when(row.last, zone), sort: (row) => row.last, figure: true },
  ];
  const open = (row: Reason): void => go(`/rejected?${new URLSearchParams({ reason: row.reason, source: row.source }).toString()}`);
  return <Table caption="Rejected events by reason and door; a row opens them" columns={columns} rows={found.reasons} rowKey={(row) => `${row.reason} ${row.source}`} open={open} />;
}
