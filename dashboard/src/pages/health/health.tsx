/** Data health: how far behind the figures are, what became of all that arrived, and how it is kept. */
import { useState } from "react";
import { Link } from "wouter";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Freshness } from "../../frame/top_bar";
import { Answer } from "../../parts/answer";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { useProject } from "../../state/project";
import { dayBefore, useRange } from "../../state/range";
import { useView } from "../../state/view";
import { when } from "../../words/times";
import { Ledger } from "./ledger";
import { headlineOf, ledeOf, type Books, type Stored } from "./figures";
import { OverTime } from "./over_time";
import { Reasons } from "./reasons";
import { Imports, Kept, Tables, Upkeep } from "./stored";
import { Tiles } from "./tiles";
import "./health.css";

/** The API tells of at most 2,000 periods. */
const MOST_DAYS = 1_990;
const [BOOKS_EVERY, STORED_EVERY] = [60_000, 30_000];

export default function Health() {
  const project = useProject();
  const view = useView();
  const range = useRange("24h");
  const [opened] = useState(() => Date.now());
  const from = range.asked.from ?? dayBefore(opened, MOST_DAYS, project.zone);
  const books = useAnswer<Books>("/v1/health", { ...range.asked, from }, { every: BOOKS_EVERY });
  const stored = useAnswer<Stored>("/v1/health/storage", { project: project.id }, { every: STORED_EVERY });
  const within = { from: books.data?.begin, before: books.data?.end, zone: project.zone, project: project.id };
  const reasons = useAnswer<Schema<"RejectedCounts">>("/v1/rejected/counts", within, { enabled: (books.data?.total.rejected ?? 0) > 0 });
  const now = books.dataUpdatedAt || opened;
  return (
    <Page name="Data health" headline={books.data ? headlineOf(books.data) : "Data health"} lede={books.data && ledeOf(books.data)}>
      {stored.data && <Freshness stale={stored.isError || stored.data.lag.events > 10_000}>{stored.data.lag.counted_to ? `counted to ${when(stored.data.lag.counted_to, project.zone)}` : "nothing counted yet"}</Freshness>}
      <Sheet>
        <Cell span={12} first last label="At a glance">
          <Answer of={books} reads="the books" height={200}>
            {(found) => <Tiles books={found} stored={stored.data} now={now} />}
          </Answer>
        </Cell>
        <Cell span={5} first title="The books balance" subtitle={`${range.label.toLowerCase()}, by arrival, ${project.zone}`}>
          <Answer of={books} reads="the books" height={280}>
            {(found) => <Ledger books={found} zone={project.zone} />}
          </Answer>
        </Cell>
        <Cell span={7} last title="Rejected, by reason" subtitle="reason and door, with the newest of each" action={<Link href={view.link(range.params).replace("/data-health", "/rejected")}>All of them</Link>}>
          {books.data?.total.rejected === 0 ? (
            <p className="second">Nothing was refused in this range.</p>
          ) : (
            <Answer of={reasons} reads="why they were rejected" height={280}>
              {(found) => <Reasons found={found} zone={project.zone} />}
            </Answer>
          )}
        </Cell>
        <Cell span={12} first last title="What arrived" subtitle={books.data && `events and rows of files by ${books.data.unit} of arrival, ${project.zone}`}>
          <Answer of={books} reads="what arrived" height={240}>
            {(found) => <OverTime books={found} />}
          </Answer>
        </Cell>
        <Cell span={5} first title="How it is kept" subtitle="now">
          <Answer of={stored} reads="how data are kept" height={240}>
            {(found) => <Kept stored={found} zone={project.zone} />}
          </Answer>
        </Cell>
        <Cell span={7} last title="Tables" subtitle="of this project; sessions and alerts have a row for each state">
          <Answer of={stored} reads="the tables" height={240}>
            {(found) => <Tables stored={found} />}
          </Answer>
        </Cell>
        <Cell span={7} first title="Imports lately" subtitle="the newest first">
          <Answer of={stored} reads="the imports" height={120}>
            {(found) => <Imports stored={found} zone={project.zone} />}
          </Answer>
        </Cell>
        <Cell span={5} last title="Upkeep" subtitle="what was last gone over, since the server started">
          <Answer of={stored} reads="what upkeep did" height={120}>
            {(found) => <Upkeep stored={found} zone={project.zone} />}
          </Answer>
        </Cell>
      </Sheet>
    </Page>
  );
}
