/** How data are kept: sizes, the room that is left, what was imported and what upkeep did. */
import type { ReactNode } from "react";
import { Nothing } from "../../parts/answer";
import { Table, type Column } from "../../parts/table";
import { decimal, exact, percent, plural } from "../../words/numbers";
import { clock, day, when } from "../../words/times";
import { size, type Stored } from "./figures";

interface Props {
  stored: Stored;
  zone: string;
}

export function Kept({ stored, zone }: Props) {
  const { events, forwards, installation: whole } = stored;
  return (
    <dl className="health-facts">
      <Fact name="Events">{events.first && events.last ? `${day(events.first, zone)} to ${day(events.last, zone)} ${clock(events.last, zone)}, by when they happened` : "none yet"}</Fact>
      <Fact name="An event takes">{events.bytes_an_event === null ? "no file yet" : `${decimal(events.bytes_an_event, 1)} bytes`}</Fact>
      <Fact name="Index">{events.of === 0 ? "no file yet" : `${percent((100 * events.indexed) / events.of, 1)} of events in files; small files are read as they are`}</Fact>
      <Fact name="Kept">{stored.keep_days === 0 ? "for ever" : plural(stored.keep_days, "day", "days")}</Fact>
      <Fact name="Forwarded">{forwards.destinations === 0 ? "nowhere" : `to ${plural(forwards.destinations, "destination", "destinations")}, ${exact(forwards.lag_events)} events behind${forwards.failing ? `, ${exact(forwards.failing)} failing` : ""}`}</Fact>
      {whole && (
        <>
          <Fact name="Journal">
            {size(whole.journal_bytes)} in {plural(whole.journal_files, "file", "files")}
          </Fact>
          <Fact name="Disk">
            {size(whole.free_bytes)} of {size(whole.total_bytes)} free{whole.days_left === null ? "" : `, ${left(whole.days_left)}`}
          </Fact>
        </>
      )}
    </dl>
  );
}

/** Days at the rate of the last week; a far future is no date. */
const left = (days: number): string => (days > 3650 ? "over ten years at the present rate" : `${plural(days, "day", "days")} at the present rate`);

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

type TableItem = Stored["tables"][number];

const TABLES: readonly Column<TableItem>[] = [
  { key: "table", head: "Table", cell: (row) => <code>{row.table}</code>, sort: (row) => row.table },
  { key: "rows", head: "Rows in files", cell: (row) => exact(row.rows), sort: (row) => row.rows, figure: true },
  { key: "waiting", head: "In no file yet", cell: (row) => exact(row.waiting), sort: (row) => row.waiting, figure: true, wide: true },
  { key: "files", head: "Files", cell: (row) => exact(row.files), sort: (row) => row.files, figure: true, wide: true },
  { key: "bytes", head: "Size", cell: (row) => size(row.bytes), sort: (row) => row.bytes, figure: true },
];

export function Tables({ stored }: { stored: Stored }) {
  return <Table caption="Tables of the lake" columns={TABLES} rows={stored.tables} rowKey={(row) => row.table} dense />;
}

type Import = Stored["imports"][number];

export function Imports({ stored, zone }: Props) {
  if (stored.imports.length === 0) return <Nothing>No file was imported yet.</Nothing>;
  const columns: Column<Import>[] = [
    { key: "label", head: "What", cell: (row) => <span className="clip">{row.label}</span>, plain: (row) => row.label },
    { key: "began", head: "Began", cell: (row) => when(row.began, zone), sort: (row) => row.began },
    { key: "stored", head: "Stored", cell: (row) => exact(row.stored), sort: (row) => row.stored, figure: true },
    { key: "duplicate", head: "There before", cell: (row) => exact(row.duplicate), sort: (row) => row.duplicate, figure: true, wide: true },
    { key: "rejected", head: "Rejected", cell: (row) => exact(row.rejected), sort: (row) => row.rejected, figure: true, wide: true },
    { key: "finished", head: "", cell: (row) => (row.finished ? "done" : "not finished"), plain: (row) => String(row.finished) },
  ];
  return <Table caption="Imports lately" columns={columns} rows={stored.imports} rowKey={(row) => `${row.label} ${row.began}`} dense />;
}

const DEEDS: Readonly<Record<string, string>> = {
  merged: "Small files merged",
  indexed: "Index brought up to date",
  "old days removed": "Old days removed",
  deleted: "Replaced files deleted",
};

export function Upkeep({ stored, zone }: Props) {
  if (!stored.installation) return <Nothing>Told to those who may see all projects.</Nothing>;
  const { upkeep } = stored.installation;
  if (upkeep.length === 0) return <Nothing>Nothing was due yet; the first time is a minute after the start.</Nothing>;
  return (
    <dl className="health-facts">
      {upkeep.map((one) => (
        <Fact key={one.deed} name={DEEDS[one.deed] ?? one.deed}>
          {when(one.at, zone)}
          {one.trouble && <span className="worse"> without success, tried again: {one.trouble}</span>}
        </Fact>
      ))}
    </dl>
  );
}
