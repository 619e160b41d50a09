/** Everybody who was here: searched, of a class, in an order, page by page; all of it in the address. */
import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { address, type Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { TopActions } from "../../frame/top_bar";
import { Answer, Nothing } from "../../parts/answer";
import { Button, Choice } from "../../parts/button";
import { ClassChip } from "../../parts/class_chip";
import { CLASSES, className, isClass } from "../../parts/classes";
import { Pager } from "../../parts/pager";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { useProject } from "../../state/project";
import { useRange } from "../../state/range";
import { useView, type View } from "../../state/view";
import { exact, money, plural, shortId } from "../../words/numbers";
import { when } from "../../words/times";
import { nameOfWho, pathOf } from "./who";
import "./people.css";

type PersonItem = Schema<"PersonItem">;
const LIMIT = 50;
const SORTS = [
  { value: "last_seen", label: "seen last" },
  { value: "first_seen", label: "newest" },
  { value: "revenue", label: "spending most" },
  { value: "purchases", label: "ordering most" },
  { value: "sessions", label: "visiting most" },
  { value: "events", label: "most active" },
] as const;

export default function People() {
  const view = useView();
  const range = useRange();
  const { zone } = useProject();
  const search = view.get("q");
  const chosen = view.get("class");
  const visitorClass = chosen !== null && isClass(chosen) ? chosen : null;
  const sort = SORTS.find(({ value }) => value === view.get("sort"))?.value ?? "last_seen";
  const filter = { ...range.asked, search, visitor_class: visitorClass, sort };
  const page = useAnswer<Schema<"PeoplePage">>("/v1/people", { ...filter, limit: LIMIT, cursor: view.get("cursor") });
  const all = useAnswer<Schema<"Breakdown">>("/v1/breakdown/classes", { ...range.asked, top: 1 });
  const [, go] = useLocation();
  const nothing = (
    <Nothing action={<Button onClick={() => view.set(search || visitorClass ? { q: null, class: null, cursor: null } : { range: "all", from: null, to: null })}>{search || visitorClass ? "Show everybody" : "Show everything there is"}</Button>}>
      {search ? `Nobody's id holds “${search}” in this range.` : visitorClass ? `Nobody's newest visit is of this class in this range.` : "Nobody was here in this range."}
    </Nothing>
  );
  return (
    <Page name="People" headline={headline(all.data, search, visitorClass)} lede={<Sentence view={view} sort={sort} visitorClass={visitorClass} />}>
      <TopActions>
        <a className="button" href={address("/v1/people.csv", filter)} download="people.csv">
          Export CSV
        </a>
      </TopActions>
      <Sheet>
        <Cell span={12} first last label="People">
          <Answer of={page} reads={`people, ${range.label.toLowerCase()}`} height={400} isEmpty={({ items }) => items.length === 0} empty={nothing}>
            {({ items, next, currency }) => (
              <>
                <Table caption={`People, times in ${zone}`} columns={columns(zone, currency)} rows={items} rowKey={({ who }) => who} open={({ who }) => go(pathOf(who))} />
                <Pager next={next} size={LIMIT} />
              </>
            )}
          </Answer>
        </Cell>
      </Sheet>
    </Page>
  );
}

function headline(all: Schema<"Breakdown"> | undefined, search: string | null, visitorClass: string | null): string {
  if (search) return `People whose id holds “${search}”`;
  if (visitorClass) return `People whose newest visit is a ${className(visitorClass)}'s`;
  const total = all?.total as Schema<"SessionRow"> | undefined;
  if (!total || total.people === 0) return "People";
  return `${plural(total.people, "person", "people")} came, in ${plural(total.sessions, "visit", "visits")}.`;
}

function Sentence({ view, sort, visitorClass }: { view: View; sort: string; visitorClass: string | null }) {
  const classes = CLASSES.map((one) => ({ value: one as string, label: `${className(one)}s` }));
  return (
    <span className="people-sentence">
      <Choice label="Class of the newest visit" value={visitorClass ?? ""} options={[{ value: "", label: "Everybody" }, ...classes]} onChange={(value) => view.set({ class: value || null, cursor: null })} />
      , those
      <Choice label="Order" value={sort} options={[...SORTS] as { value: string; label: string }[]} onChange={(value) => view.set({ sort: value === "last_seen" ? null : value, cursor: null })} />
      first, whose id holds
      <Search view={view} />
    </span>
  );
}

const PAUSE_MS = 300;

/** Part of an id, or a whole e-mail address; asked for when the typing pauses. */
function Search({ view }: { view: View }) {
  const given = view.get("q") ?? "";
  const [text, setText] = useState(given);
  const latest = useRef(view);
  useEffect(() => {
    latest.current = view;
  });
  useEffect(() => setText(given), [given]);
  useEffect(() => {
    if (text === given) return;
    const timer = window.setTimeout(() => latest.current.set({ q: text || null, cursor: null }, true), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text, given]);
  return <input type="search" className="field people-search" aria-label="Part of an id, or an e-mail address" placeholder="anything" value={text} onChange={(event) => setText(event.target.value)} />;
}

function columns(zone: string, currency: string): Column<PersonItem>[] {
  return [
    {
      key: "who",
      head: "Person",
      cell: ({ who }) => (
        <Link href={pathOf(who)} className="mono clip people-who" title={who}>
          {shortId(nameOfWho(who), 24)}
        </Link>
      ),
    },
    { key: "visitor_class", head: "Class", cell: (person) => <ClassChip of={person.visitor_class} /> },
    { key: "last_seen", head: "Last seen", cell: (person) => when(person.last_seen, zone) },
    { key: "first_seen", head: "First seen", cell: (person) => when(person.first_seen, zone), wide: true },
    { key: "sessions", head: "Visits", figure: true, cell: (person) => exact(person.sessions), wide: true },
    { key: "events", head: "Events", figure: true, cell: (person) => exact(person.events), wide: true },
    { key: "purchases", head: "Orders", figure: true, cell: (person) => exact(person.purchases), wide: true },
    {
      key: "revenue",
      head: "Revenue",
      figure: true,
      wide: true,
      cell: (person) => (person.purchases === 0 ? <span className="soft">no purchase yet</span> : money(person.revenue, currency)),
    },
  ];
}
