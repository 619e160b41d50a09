/** One session: how it went up the steps, why it has its class, and what to do about it. */
import { useState } from "react";
import { Link, useParams } from "wouter";
import { Problem, type Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Freshness } from "../../frame/top_bar";
import { Answer, Fault } from "../../parts/answer";
import { ClassChip } from "../../parts/class_chip";
import { className } from "../../parts/classes";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { TrailLegend, visitorOf, whereabouts } from "../../parts/trail_of";
import { Defined } from "../../parts/words";
import { useProject } from "../../state/project";
import { decimal, exact, money, percent, plural } from "../../words/numbers";
import { clock, when } from "../../words/times";
import { Events, useEvents } from "./events";
import { Ground } from "./ground";
import "./session.css";
import { headlineOf } from "./story";
import { Why } from "./why";

const GOES_ON_MS = 30 * 60_000;
const RENEW_MS = 3_000;

export default function Session() {
  const { id: encoded = "" } = useParams<{ id: string }>();
  const id = decoded(encoded);
  const { id: project, zone } = useProject();
  const [opened] = useState(() => Date.now());
  const first = useAnswer<Schema<"Trails">>("/v1/trails", { session: [id], project }, {});
  const ended = Date.parse(first.data?.items[0]?.session.session_end ?? "");
  const goesOn = opened - ended < GOES_ON_MS;
  const trails = useAnswer<Schema<"Trails">>("/v1/trails", { session: [id], project }, goesOn ? { every: RENEW_MS } : {});
  const pages = useEvents(id, goesOn ? RENEW_MS : false);
  const trail = trails.data?.items[0];
  const detail = pages.data?.pages[0];
  if (pages.error instanceof Problem && pages.error.status === 404)
    return (
      <Page name="Session" headline="There is no session with this id." lede="Sessions that met a late event may have become one with another id.">
        <Link href="/sessions">All sessions</Link>
      </Page>
    );
  return (
    <Page name="Session" headline={<Headline detail={detail} trail={trail} />} lede={detail && <Lede detail={detail} />}>
      {detail && <Freshness>{goesOn ? `last event ${clock(detail.session.session_end, zone, true)}` : `ended ${when(detail.session.session_end, zone)}`}</Freshness>}
      {pages.error && !detail && <Fault error={pages.error} asked="this session" retry={() => void pages.refetch()} />}
      <Sheet>
        <Cell span={12} first last title="Up the steps" subtitle={`${trail ? plural(trail.events.length, "event", "events") : ""}${trail && !trail.complete ? ", the first of more" : ""}, ground height is the class at that moment`} action={<TrailLegend />}>
          <Answer of={trails} reads="the events of this session" height={140}>
            {(found) => (found.items[0] ? <Ground trail={found.items[0]} /> : null)}
          </Answer>
        </Cell>
        <Cell span={8} first title="Events" subtitle={detail && `times from the start, ${when(detail.session.session_start, zone)} in ${zone}`}>
          <Events pages={pages} trail={trail} />
        </Cell>
        <Cell span={4} last title={detail ? `Why ${className(detail.session.visitor_class)}` : "Why"} subtitle="first rule that holds wins">
          <Answer of={trails} reads="the rules" height={240}>
            {(found) => <Why rules={found.items[0]?.rules ?? []} />}
          </Answer>
          {detail && <Advice detail={detail} />}
        </Cell>
        {detail && <Figures detail={detail} />}
      </Sheet>
    </Page>
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function Headline({ detail, trail }: { detail: Schema<"SessionDetail"> | undefined; trail: Schema<"Trail"> | undefined }) {
  if (!detail) return "Session";
  const from = [trail?.browser, trail?.channel && `from ${trail.channel}`, trail?.utm_campaign && `(${trail.utm_campaign})`].filter(Boolean).join(", ");
  return (
    <>
      <span className="session-who">
        <ClassChip of={detail.session.visitor_class} tint />
        <span className="soft">{trail && [whereabouts(trail), from].filter(Boolean).join(", ")}</span>
      </span>
      {headlineOf(detail.session, detail.currency)}
    </>
  );
}

function Lede({ detail }: { detail: Schema<"SessionDetail"> }) {
  const visitor = visitorOf(detail.session);
  const who = detail.session.user_id === null ? detail.session.owner : `u:${detail.session.user_id}`;
  return (
    <>
      By {visitor.known ? "user" : "visitor"}{" "}
      <Link href={`/people/${encodeURIComponent(who)}`} className={visitor.known ? "" : "mono"} title={visitor.whole}>
        {visitor.name}
      </Link>
      .
    </>
  );
}

function Advice({ detail }: { detail: Schema<"SessionDetail"> }) {
  return (
    <section className="session-advice" aria-label="What you could do">
      <header className="cell-head">
        <h2>What you could do</h2>
        <p>priority {exact(detail.session.action_priority)} of 4</p>
      </header>
      <ol>
        {detail.advice.map((one) => (
          <li key={one}>{one}.</li>
        ))}
      </ol>
    </section>
  );
}

function Figures({ detail: { session, currency } }: { detail: Schema<"SessionDetail"> }) {
  const figures: readonly [string, string, string, string?][] = [
    ["Duration", "(last event − first event), in minutes", `${decimal(session.session_duration_minutes)} min`],
    ["Events", "events that count; passive ones are left out", exact(session.total_events)],
    ["Views", "views of products", exact(session.view_count), `${plural(session.unique_products, "product", "products")}`],
    ["Carts", "events that put something into the cart", exact(session.cart_count)],
    ["Engagement rate", "events / minutes; nothing when the duration is 0", session.engagement_rate === null ? "none" : decimal(session.engagement_rate), "events a minute"],
    ["Cart conversion", "100 · carts / views; nothing without a view", session.cart_conversion_rate === null ? "none" : percent(session.cart_conversion_rate), `${exact(session.cart_count)} of ${plural(session.view_count, "view", "views")}`],
    ["Purchase conversion", "100 · purchases / carts; nothing without a cart", session.purchase_conversion_rate === null ? "none" : percent(session.purchase_conversion_rate), `${exact(session.purchase_count)} of ${plural(session.cart_count, "cart", "carts")}`],
    ["Amount", "the sum of its purchases; of one order only the first counts", session.total_amount === null ? "none" : money(session.total_amount, currency), session.total_amount === null ? "no purchase yet" : plural(session.purchase_count, "purchase", "purchases")],
  ];
  return (
    <Cell span={12} first last title="Figures">
      <dl className="session-figures">
        {figures.map(([name, means, value, note]) => (
          <div key={name}>
            <dt className="small second">
              <Defined means={means}>{name}</Defined>
            </dt>
            <dd>
              <span className="session-figure">{value}</span>
              <span className="small soft">{note}</span>
            </dd>
          </div>
        ))}
      </dl>
    </Cell>
  );
}
