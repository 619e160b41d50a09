/** Who stands behind a number, a row each: name and class, the newest visit as a trail, what lies in the cart, the last page. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { get, type Params, type Schema } from "../api/client";
import { useProject } from "../state/project";
import { money, shortId } from "../words/numbers";
import { when } from "../words/times";
import "./behind.css";
import { ClassChip } from "./class_chip";
import { markOf, Trail, type TrailEvent } from "./trail";

type Card = Schema<"Card">;

interface BehindProps {
  people: readonly Schema<"Person">[];
  noun: "people" | "sessions";
  /** The question's own parameters: of people the newest visit in its range is told. */
  params: Params;
}

/** Asked for together, so that a list costs one question more, however long. */
export function Behind({ people, noun, params }: BehindProps) {
  const { from, before, zone, project } = params;
  const asked = { who: people.map(({ who }) => who), by: noun === "sessions" ? "session" : "person", from, before, zone, project };
  const cards = useQuery({
    queryKey: ["/v1/people/cards", asked],
    queryFn: ({ signal }) => get<Schema<"Cards">>("/v1/people/cards", asked, signal),
    placeholderData: keepPreviousData,
  });
  const known = new Map(cards.data?.items.map((card) => [card.who, card]));
  const axis = axisOf(cards.data?.items ?? []);
  return (
    <ul className="behind" aria-busy={cards.isPending}>
      {people.map(({ who }) => (
        <Row key={who} who={who} noun={noun} card={known.get(who)} axis={axis} currency={cards.data?.currency ?? ""} />
      ))}
    </ul>
  );
}

const HOUR_MS = 3_600_000;

/** How long the trails' common axis is: as the longest visit of at most an hour. A longer one has its own. */
export function axisOf(cards: readonly Card[]): number {
  const lengths = cards.map((card) => lengthOf(marksOf(card))).filter((length) => length <= HOUR_MS);
  return Math.max(60_000, ...lengths);
}

const marksOf = (card: Card): TrailEvent[] => card.events.map((event) => ({ time: Date.parse(event.timestamp), mark: markOf(event.kind), visitorClass: event.visitor_class }));
const lengthOf = (marks: readonly TrailEvent[]): number => (marks.at(-1)?.time ?? 0) - (marks[0]?.time ?? 0);

function Row({ who, noun, card, axis, currency }: { who: string; noun: string; card: Card | undefined; axis: number; currency: string }) {
  const { zone } = useProject();
  const marks = card ? marksOf(card) : [];
  const begin = marks[0]?.time ?? 0;
  return (
    <li>
      <span className="behind-name">
        <Link href={noun === "sessions" ? `/sessions/${encodeURIComponent(who)}` : `/people/${encodeURIComponent(who)}`} title={who}>
          {who.startsWith("u:") && noun === "people" && "user "}
          <span className="mono">{shortId(/^[uvs]:/.test(who) ? who.slice(2) : who)}</span>
        </Link>
        {card && <ClassChip of={card.visitor_class} />}
      </span>
      {card && (
        <>
          <span className="behind-visit">
            <Trail events={marks} from={begin} to={begin + Math.max(axis, lengthOf(marks))} width={126} height={18} />
            <small>{when(card.last_seen, zone)}</small>
          </span>
          <span className="behind-worth">
            <Worth card={card} currency={currency} />
            <small className="clip" title={card.page ?? ""}>
              {card.page ?? "–"}
            </small>
          </span>
        </>
      )}
    </li>
  );
}

/** What lies in the cart; of who ordered what was paid, and said so. */
function Worth({ card, currency }: { card: Card; currency: string }) {
  if (card.cart !== null) return <span>{money(card.cart, currency)}</span>;
  if (card.spent !== null) return <span title="ordered in this visit">{money(card.spent, currency)} paid</span>;
  return <span className="soft">no cart</span>;
}
