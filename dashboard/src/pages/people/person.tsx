/** One person, whole: who they are, how their class moved, why, what they did, and what may be done about their data. */
import { useState } from "react";
import { Link } from "wouter";
import { address, type Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { TopActions } from "../../frame/top_bar";
import { Answer, Nothing } from "../../parts/answer";
import { Button } from "../../parts/button";
import { ClassChip } from "../../parts/class_chip";
import { CLASSES, className, isClass, TOKEN } from "../../parts/classes";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { Trail, type TrailEvent } from "../../parts/trail";
import { useMay, useProject } from "../../state/project";
import { useView } from "../../state/view";
import { exact, money, plural } from "../../words/numbers";
import { clock, day, duration, when } from "../../words/times";
import { Agreed, Erase } from "./rights";
import { sessionOf, trailOf } from "./visits";
import { titleOfWho, whoOf } from "./who";
import "./person.css";

type Detail = Schema<"PersonDetail">;
type Session = Schema<"SessionItem">;
type Event = Schema<"EventItem">;
const EVENTS = 200;
const MOST_EVENTS = 1_000;

export default function Person() {
  const who = whoOf(window.location.pathname);
  const view = useView();
  const { id: project, zone } = useProject();
  const limit = Math.min(MOST_EVENTS, Math.max(EVENTS, Number(view.get("events")) || EVENTS));
  const path = `/v1/people/${encodeURIComponent(who)}`;
  const answer = useAnswer<Detail>(path, { project, limit });
  const mayErase = useMay("erase");
  const [erasing, setErasing] = useState(false);
  const more = (): void => view.set({ events: String(Math.min(MOST_EVENTS, limit + EVENTS)) }, true);
  return (
    <Page name={titleOfWho(who)} headline={answer.data ? headline(answer.data, who) : titleOfWho(who)} lede={answer.data && lede(answer.data, zone)}>
      <TopActions>
        <a className="button" href={address(`${path}/export`, { project })} download="person.ndjson">
          Export
        </a>
        {mayErase && (
          <Button look="dangerous" onClick={() => setErasing(true)}>
            Erase person
          </Button>
        )}
      </TopActions>
      <Answer of={answer} reads={`what is known of ${who}`} height={400}>
        {(found) => <Told found={found} path={path} project={project} limit={limit} more={more} />}
      </Answer>
      {erasing && <Erase who={who} path={path} close={() => setErasing(false)} />}
    </Page>
  );
}

function headline({ person, currency }: Detail, who: string): string {
  const visits = plural(person.sessions, "visit", "visits");
  if (person.purchases === 0) return `${titleOfWho(who)} came for ${visits} and has not bought anything yet.`;
  return `${titleOfWho(who)} bought ${person.purchases === 1 ? "once" : `${exact(person.purchases)} times`} for ${money(person.revenue, currency)} in ${visits}.`;
}

const lede = ({ person }: Detail, zone: string): string => `First seen ${when(person.first_seen, zone)}, last seen ${when(person.last_seen, zone)}. Times in ${zone}.`;

interface ToldProps {
  found: Detail;
  path: string;
  project: string;
  limit: number;
  more(): void;
}

function Told({ found, path, project, limit, more }: ToldProps) {
  const { person, currency } = found;
  const file = (table: string): string => address(`${path}/${table}.csv`, { project });
  return (
    <Sheet>
      <Cell span={12} first last label="Figures">
        <dl className="person-figures">
          <Figure name="Class of the newest visit" value={<ClassChip of={person.visitor_class} tint />} />
          <Figure name="Visits" value={exact(person.sessions)} />
          <Figure name="Events" value={exact(person.events)} />
          <Figure name="Orders" value={exact(person.purchases)} />
          <Figure name="Revenue" value={person.purchases === 0 ? "no purchase yet" : money(person.revenue, currency)} />
        </dl>
      </Cell>
      <Cell span={8} first title="Up and down the steps" subtitle="a step a visit, its height is the class" action={<a href={file("classes")}>CSV</a>}>
        <Steps sessions={found.sessions} />
      </Cell>
      <Cell span={4} last title={`Why ${className(person.visitor_class)}`} subtitle="of the newest visit">
        <ul className="person-list">
          {found.why.map((clause) => (
            <li key={clause}>{clause}</li>
          ))}
          {found.why.length === 0 && <li className="second">No clause of a higher class holds.</li>}
        </ul>
      </Cell>
      <Cell span={8} first title="Visits" subtitle={`the newest ${exact(found.sessions.length)}`} action={<a href={file("sessions")}>CSV</a>}>
        <Visits found={found} />
      </Cell>
      <Cell span={4} last title="Who this is">
        <Identity found={found} />
        <Agreed path={path} consent={found.consent ?? null} />
      </Cell>
      <Cell span={12} first last title="Time line" subtitle={`the newest ${exact(found.events.length)} events`} action={<a href={file("events")}>CSV</a>}>
        <TimeLine found={found} />
        {found.next && limit < MOST_EVENTS && (
          <div className="person-buttons">
            <Button onClick={more}>Older events</Button>
          </div>
        )}
      </Cell>
    </Sheet>
  );
}

function Figure({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figure">{value}</dd>
    </div>
  );
}

const pathOfSession = (id: string): string => `/sessions/${encodeURIComponent(id)}`;

/** The class history from the oldest visit to the newest: each leads to its session. */
function Steps({ sessions }: { sessions: readonly Session[] }) {
  const { zone } = useProject();
  const ordered = [...sessions].reverse();
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (!first || !last) return <Nothing>No visit is stored any more.</Nothing>;
  return (
    <>
      <div className="person-steps">
        {ordered.map(({ session_id, session_start, visitor_class }) => {
          const words = `${when(session_start, zone)}, ${className(visitor_class)}`;
          const known = isClass(visitor_class);
          return (
            <Link
              key={session_id}
              href={pathOfSession(session_id)}
              aria-label={words}
              title={words}
              className={`tint ${known ? `k-${TOKEN[visitor_class]} person-step-${CLASSES.indexOf(visitor_class) + 1}` : "person-step-1"}`}
            />
          );
        })}
      </div>
      <p className="person-ends micro soft">
        <span>{day(first.session_start, zone)}</span>
        <span>{day(last.session_start, zone)}</span>
      </p>
    </>
  );
}

function Visits({ found }: { found: Detail }) {
  const { zone } = useProject();
  const whole = found.next === null;
  const trails = new Map<string, TrailEvent[] | null>(found.sessions.map((one) => [one.session_id, trailOf(one, found.events, whole)]));
  const longest = Math.max(60_000, ...[...trails.values()].map((trail) => trail?.at(-1)?.time ?? 0));
  const columns: Column<Session>[] = [
    { key: "session_start", head: "Began", cell: (one) => <Link href={pathOfSession(one.session_id)}>{when(one.session_start, zone)}</Link> },
    { key: "visitor_class", head: "Class", cell: (one) => <ClassChip of={one.visitor_class} /> },
    { key: "total_events", head: "Events", figure: true, wide: true, cell: (one) => exact(one.total_events) },
    { key: "total_amount", head: "Spent", figure: true, cell: (one) => (one.total_amount === null ? <span className="soft">none</span> : money(one.total_amount, found.currency)) },
    {
      key: "trail",
      head: `0 … ${duration(longest / 1000)}`,
      wide: true,
      cell: (one) => {
        const trail = trails.get(one.session_id);
        return trail ? <Trail events={trail} from={0} to={longest} /> : <span className="soft">events further back</span>;
      },
    },
  ];
  return <Table caption="Visits, the newest first" columns={columns} rows={found.sessions} rowKey={(one) => one.session_id} dense />;
}

const BECAUSE = { seen: "seen together with", alias: "said by an alias event to be" } as const;

/** Ids, which event joined each, what was decided, and what was told of the person. */
function Identity({ found }: { found: Detail }) {
  const { zone } = useProject();
  return (
    <dl className="person-list">
      {found.ids.map((one) => {
        const join = found.joins.find(({ id }) => id === `${one.kind.slice(0, 1)}:${one.id}`);
        return (
          <div key={`${one.kind} ${one.id}`}>
            <dt>{one.kind === "user" ? "User id" : "Visitor id"}</dt>
            <dd>
              <span className="mono">{one.id}</span>
              <span className="small soft">
                {" "}
                since {when(one.first_seen, zone)}
                {join && `; ${BECAUSE[join.because]} ${join.user} at ${when(join.at, zone)}, event ${join.event_id}`}
              </span>
            </dd>
          </div>
        );
      })}
      {found.decisions.map((one) => (
        <div key={one.decision_id}>
          <dt>Decided {when(one.decided, zone)}</dt>
          <dd>{one.into ? `${one.who} is ${one.into}` : `${one.who} is nobody else`}</dd>
        </div>
      ))}
      {Object.entries(found.traits).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function TimeLine({ found }: { found: Detail }) {
  const { zone } = useProject();
  const columns: Column<Event>[] = [
    { key: "timestamp", head: "When", cell: (event) => `${day(event.timestamp, zone)} ${clock(event.timestamp, zone, true)}` },
    { key: "name", head: "Event", cell: (event) => <span className="mono clip person-event">{event.name}</span> },
    { key: "what", head: "Of what", cell: (event) => <span className="clip person-what">{whatOf(event)}</span> },
    { key: "amount", head: "Money", figure: true, wide: true, cell: (event) => (event.amount || event.price ? money(event.amount ?? event.price, event.currency ?? found.currency) : "") },
    { key: "session", head: "Visit", wide: true, cell: (event) => <OfSession session={sessionOf(event, found.sessions)} zone={zone} /> },
  ];
  return <Table caption="Events, the newest first" columns={columns} rows={found.events} rowKey={(event) => event.event_id} dense />;
}

const whatOf = (event: Event): string => event.product_id ?? event.page_path ?? event.page_url ?? event.page_title ?? event.order_id ?? "";

function OfSession({ session, zone }: { session: Session | undefined; zone: string }) {
  return session ? <Link href={pathOfSession(session.session_id)}>{when(session.session_start, zone)}</Link> : <span className="soft">none</span>;
}
