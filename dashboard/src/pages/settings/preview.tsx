/** How many past sessions would change class, from which to which, with the sessions behind every number. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import type { Schema } from "../../api/client";
import { Answer } from "../../parts/answer";
import { ClassChip, ClassMove } from "../../parts/class_chip";
import { className } from "../../parts/classes";
import { Drawer } from "../../parts/drawer";
import { Table, type Column } from "../../parts/table";
import { exact, percent, plural, shortId } from "../../words/numbers";
import { duration } from "../../words/times";

type Found = Schema<"Preview">;
type Cell = Found["cells"][number];

const keyOf = (cell: Cell): string => `${cell.present ?? ""}>${cell.then ?? ""}`;
const nameOf = (one: string | null): string => (one === null ? "no session" : className(one));

export function Preview({ of, range, children }: { of: UseQueryResult<Found>; range: string; children: ReactNode }) {
  const [opened, open] = useState<string | null>(null);
  return (
    <section className="settings-preview" aria-label="What it would change">
      <Answer of={of} reads="the sessions that would change class" height={160}>
        {(found) => {
          const moving = found.cells.filter((cell) => cell.present !== cell.then);
          const cell = moving.find((one) => keyOf(one) === opened);
          return (
            <>
              <p className="strong" role="status">
                {headlineOf(found, range)}
              </p>
              {moving.length > 0 && <Table caption="Sessions that would change class" columns={COLUMNS} rows={moving} rowKey={keyOf} open={(one) => open(keyOf(one))} selected={opened} />}
              <p className="small soft">{rebuildOf(found)}</p>
              {cell && <Sessions key={keyOf(cell)} of={cell} close={() => open(null)} />}
            </>
          );
        }}
      </Answer>
      {children}
    </section>
  );
}

const COLUMNS: readonly Column<Cell>[] = [
  { key: "change", head: "Class now › then", cell: (row) => <Move from={row.present} to={row.then} />, sort: (row) => `${nameOf(row.present)} ${nameOf(row.then)}` },
  { key: "words", head: "", cell: (row) => <span className="second">{`${nameOf(row.present)} to ${nameOf(row.then)}`}</span>, plain: (row) => keyOf(row), wide: true },
  { key: "sessions", head: "Sessions", cell: (row) => exact(row.sessions), figure: true, sort: (row) => row.sessions },
];

function Move({ from, to }: { from: string | null; to: string | null }) {
  if (from !== null && to !== null) return <ClassMove from={from} to={to} />;
  return from === null ? (
    <span>
      comes to be: <ClassChip of={to ?? ""} tint />
    </span>
  ) : (
    <span>
      <ClassChip of={from} /> is no session any more
    </span>
  );
}

/** `Last 28 days: 259 of 21,192 sessions would change class (1.22%).` */
function headlineOf(found: Found, range: string): string {
  const of = plural(found.sessions, "session", "sessions");
  if (found.changed === 0) return `${range}: none of ${of} would change class.`;
  const share = found.share === null || found.changed < 30 ? "" : ` (${percent(found.share)})`;
  return `${range}: ${exact(found.changed)} of ${of} would change class${share}.`;
}

function rebuildOf(found: Found): string {
  const events = plural(found.rebuild_events, "event", "events");
  return `A rebuild goes through all ${events} of this project${found.rebuild_seconds === null ? "." : `; the last one, of all projects, took ${duration(Math.ceil(found.rebuild_seconds))}.`}`;
}

function Sessions({ of, close }: { of: Cell; close: () => void }) {
  const all = of.examples.length === of.sessions;
  return (
    <Drawer of={`${nameOf(of.present)} to ${nameOf(of.then)}`} title={plural(of.sessions, "session", "sessions")} close={close}>
      <p className="second">{of.examples.length === 0 ? "They are no sessions yet, so there is nothing to open." : all ? `The same ${exact(of.sessions)} as in the table.` : `The newest ${exact(of.examples.length)} of them.`}</p>
      <ul className="behind">
        {of.examples.map((id) => (
          <li key={id} className="settings-behind">
            <Link href={`/sessions/${encodeURIComponent(id)}`}>
              <span className="mono">{shortId(id)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Drawer>
  );
}
