/** The first page: how the last days went, against those before, and what is worth knowing about them. */
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { PeopleDrawer, type DrillDown } from "../../parts/people_drawer";
import { Page } from "../../parts/sheet";
import { useProject } from "../../state/project";
import { useRange } from "../../state/range";
import { useView } from "../../state/view";
import { clock, day } from "../../words/times";
import { useFigures, useFindings, type Told } from "./asking";
import { Figures } from "./figures";
import { sum, type Finding } from "./findings";
import { headlineOf } from "./headline";
import { Sentence } from "./sentence";
import { spanOf, type Span } from "./span";
import "./overview.css";

const NUMBERS = ["Nothing", "One thing", "Two things", "Three things", "Four things", "Five things"];

export default function Overview() {
  const project = useProject();
  const range = useRange("7d");
  const [opened] = useState(Date.now);
  const span = spanOf(range, opened, project.zone);
  const figures = useFigures(span, project);
  const told = figures.data;
  const silent = told !== undefined && sum(told.facts.sessions.now) === 0;
  const findings = useFindings(figures.isPlaceholderData || silent ? undefined : told, project);
  if (silent) return <Without span={span} />;
  return (
    <Page name="Overview" headline={told ? headlineOf(told.facts) : "Overview"} lede={told && lede(told.span, project.zone)}>
      <Answer of={figures} reads="orders and sessions" height={240}>
        {(data) => <Whole told={data} findings={findings} />}
      </Answer>
    </Page>
  );
}

function Whole({ told, findings }: { told: Told; findings: ReturnType<typeof useFindings> }) {
  const { zone, id } = useProject();
  const view = useView();
  const open = (key: string | null): void => view.set({ open: key }, true);
  const { span, facts, points, asks } = told;
  const asked = { figure: "sessions", unit: span.unit, from: span.from, before: span.before, zone, project: id };
  const sessions: DrillDown = { path: "/v1/trends/people", params: asked, shown: sum(facts.sessions.now), noun: "sessions" };
  const chosen = findings.data?.find((one) => one.key === view.get("open"));
  return (
    <>
      <Figures facts={facts} span={span} points={points} asks={asks} openSessions={() => open("sessions")} />
      <p className="small soft overview-note">
        {span.earlier === null ? "" : `Solid is this ${span.name}, dotted the ${span.name} before. `}
        {span.unit === "day" ? "Days" : "Times"} in {zone}.
      </p>
      <Answer of={findings} reads="what is worth knowing" height={400} isEmpty={(found) => found.length === 0} empty={<Quiet />}>
        {(found) => (
          <>
            <h2 className="strong overview-head">{NUMBERS[found.length]} worth knowing</h2>
            <ol>
              {found.map((finding, index) => (
                <Sentence key={finding.key} finding={finding} place={index + 1} open={open} />
              ))}
            </ol>
          </>
        )}
      </Answer>
      {view.get("open") === "sessions" && <PeopleDrawer of={sessions} title={lede(span, zone)} words="Sessions that began in this time." close={() => open(null)} />}
      {chosen && <Behind finding={chosen} close={() => open(null)} />}
    </>
  );
}

function Behind({ finding, close }: { finding: Finding; close(): void }) {
  if (!("drill" in finding.link)) return null;
  return <PeopleDrawer of={{ ...finding.link.drill, noun: "sessions" }} title="Filled a cart, left without an order" close={close} />;
}

function Quiet() {
  return <Nothing>Nothing stands out: no difference in this time is larger than chance makes it. A longer range shows smaller ones.</Nothing>;
}

/** Before the first event the page teaches; without a session in its time it says where there may be some. */
function Without({ span }: { span: Span }) {
  const { id } = useProject();
  const all = useAnswer<Schema<"Counted">>("/v1/report/events", { project: id });
  const events = all.data?.events;
  if (events === undefined) return <Page name="Overview" headline="Overview">{null}</Page>;
  if (events === 0) {
    return (
      <Page name="Overview" headline="Here you will read how your shop does." lede="Once events come, this page says each day what changed, by how much, and how sure that is.">
        <Nothing action={<Link href="/start" className="button primary">Send the first events</Link>}>There are no events yet. Pasting one line into your pages is enough for the first ones.</Nothing>
      </Page>
    );
  }
  return (
    <Page name="Overview" headline={`No session began in this ${span.name}.`}>
      <Nothing action={<Elsewhere />}>{span.unit === "day" ? "Overview tells of days that have ended." : "Overview tells of hours that have ended."}</Nothing>
    </Page>
  );
}

function Elsewhere(): ReactNode {
  const view = useView();
  return (
    <p>
      <Link href={view.link({ range: "1h", from: null, to: null })}>The last hour</Link>, <Link href={view.link({ range: "today", from: null, to: null })}>today</Link> or{" "}
      <Link href={view.link({ range: "all", from: null, to: null })}>everything</Link>.
    </p>
  );
}

/** `14 Nov to 20 Nov, against the week before.` */
function lede(span: Span, zone: string): string {
  const against = span.earlier === null ? "" : `, against the ${span.name} before`;
  const end = new Date(span.before.length > 10 ? span.before : `${span.before}T00:00:00Z`).getTime() - 1;
  if (span.unit === "month") return "Everything since the first event.";
  if (span.unit !== "day") return `${span.from.length > 10 ? `${day(span.from, zone)} ${clock(span.from, zone)}` : "Today"} to ${clock(end + 1, zone)}${against}.`;
  const [first, last] = [day(`${span.from}T12:00:00Z`, "UTC"), day(end, "UTC")];
  return `${first === last ? first : `${first} to ${last}`}${against}.`;
}
