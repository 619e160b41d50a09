/** Sessions, filtered and paged by the page's address. */
import { useState, type FormEvent } from "react";
import { Link, useLocation } from "wouter";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { Button, Choice } from "../../parts/button";
import { ClassChip } from "../../parts/class_chip";
import { CLASSES, className } from "../../parts/classes";
import { Pager } from "../../parts/pager";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { visitorOf } from "../../parts/trail_of";
import { useProject } from "../../state/project";
import { useRange } from "../../state/range";
import { useView } from "../../state/view";
import { exact, money } from "../../words/numbers";
import { duration, when } from "../../words/times";
import "./sessions.css";

const PAGE = 50;
const SORTS = [
  { value: "-session_start", label: "newest first" },
  { value: "-session_end", label: "last seen first" },
  { value: "-total_events", label: "most events first" },
  { value: "-session_duration_minutes", label: "longest first" },
  { value: "-total_amount", label: "most spent first" },
] as const;
type Sort = (typeof SORTS)[number]["value"];

type Session = Schema<"SessionItem">;

/** Which sessions are asked for: what the address says. */
function useAsked() {
  const view = useView();
  const { asked } = useRange("7d");
  const text = view.get("q")?.trim() ?? "";
  const visitorClass = view.all("class");
  const bought = view.get("bought");
  const sort = SORTS.find((one) => one.value === view.get("sort"))?.value ?? "-session_start";
  return {
    view,
    text,
    visitorClass,
    bought,
    sort,
    filters: {
      project: asked.project,
      started_from: asked.from,
      started_before: asked.before,
      visitor_class: visitorClass,
      has_purchase: bought === null ? undefined : bought === "yes",
      ...(/^[svu]:/.test(text) ? { owner: text } : { user_id: text || undefined }),
    },
  };
}

export default function Sessions() {
  const { view, text, visitorClass, bought, sort, filters } = useAsked();
  const { zone } = useProject();
  const range = useRange("7d");
  const [, go] = useLocation();
  const cursor = view.get("cursor");
  const found = useAnswer<Schema<"SessionPage">>("/v1/sessions", { ...filters, sort, limit: PAGE, cursor });
  const filtered = text !== "" || visitorClass.length > 0 || bought !== null;
  const set = (changes: Readonly<Record<string, string | null>>): void => view.set({ ...changes, cursor: null });
  return (
    <Page name="Sessions" headline={headlineOf(visitorClass, bought, text)} lede={`${range.label}, times in ${zone}.`}>
      <div className="sessions-sentence sentence">
        Sessions of{" "}
        <Choice
          label="Class"
          value={visitorClass[0] ?? ""}
          options={[{ value: "", label: "every class" }, ...CLASSES.map((each) => ({ value: each as string, label: className(each) }))]}
          onChange={(value) => set({ class: value || null })}
        />{" "}
        that{" "}
        <Choice
          label="With or without an order"
          value={bought ?? ""}
          options={[
            { value: "", label: "ordered or not" },
            { value: "yes", label: "ordered" },
            { value: "no", label: "did not order" },
          ]}
          onChange={(value) => set({ bought: value || null })}
        />
        , <Choice<Sort> label="Order" value={sort} options={SORTS} onChange={(value) => set({ sort: value === "-session_start" ? null : value })} /> <Search key={text} text={text} search={(value) => set({ q: value || null })} />
      </div>
      <Sheet>
        <Cell span={12} first last label="Sessions">
          <Answer
            of={found}
            reads="the sessions"
            height={400}
            isEmpty={(page) => page.items.length === 0}
            empty={
              <Nothing action={filtered ? <Button onClick={() => view.set({ class: null, bought: null, q: null, cursor: null })}>Without the filters</Button> : undefined}>
                {filtered ? "No session matches all filters in this range." : "No session began in this range."}
              </Nothing>
            }
          >
            {(page) => (
              <>
                <Table caption="Sessions" columns={columns(zone, page.currency)} rows={page.items} rowKey={(one) => one.session_id} open={(one) => go(hrefOf(one))} />
                <Pager next={page.next} size={PAGE} />
              </>
            )}
          </Answer>
        </Cell>
      </Sheet>
    </Page>
  );
}

const hrefOf = (session: Session): string => `/sessions/${encodeURIComponent(session.session_id)}`;

function headlineOf(visitorClass: readonly string[], bought: string | null, text: string): string {
  const who = visitorClass.length ? `${visitorClass.map(className).join(" and ")} sessions` : "sessions";
  const what = bought === "yes" ? " with an order" : bought === "no" ? " without an order" : "";
  return `${`All ${who}${what}`}${text ? ` of ${text}` : ""}, one by one.`;
}

function Search({ text, search }: { text: string; search: (text: string) => void }) {
  const [written, write] = useState(text);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    search(written.trim());
  };
  return (
    <form className="sessions-search" role="search" onSubmit={submit}>
      <input className="field" type="search" aria-label="User id, or owner as v:… or s:…" placeholder="user id, v:… or s:…" value={written} onChange={(event) => write(event.target.value)} />
      <Button type="submit">Search</Button>
    </form>
  );
}

function columns(zone: string, currency: string): Column<Session>[] {
  return [
    { key: "class", head: "Class", cell: (one) => <ClassChip of={one.visitor_class} />, plain: (one) => one.visitor_class },
    { key: "visitor", head: "Visitor", cell: (one) => <Visitor of={one} />, plain: (one) => one.owner },
    { key: "start", head: "Began", cell: (one) => when(one.session_start, zone), plain: (one) => one.session_start },
    { key: "events", head: "Events", cell: (one) => exact(one.total_events), plain: (one) => one.total_events, figure: true, wide: true },
    { key: "views", head: "Views", cell: (one) => exact(one.view_count), plain: (one) => one.view_count, figure: true, wide: true },
    { key: "carts", head: "Carts", cell: (one) => exact(one.cart_count), plain: (one) => one.cart_count, figure: true, wide: true },
    { key: "duration", head: "Duration", cell: (one) => duration(Math.floor(one.session_duration_minutes * 60)), plain: (one) => one.session_duration_minutes, figure: true, wide: true },
    { key: "amount", head: "Spent", cell: (one) => money(one.total_amount, currency), plain: (one) => one.total_amount, figure: true },
  ];
}

function Visitor({ of }: { of: Session }) {
  const { name, whole, known } = visitorOf(of);
  return (
    <Link href={hrefOf(of)} className={`clip sessions-visitor${known ? "" : " mono"}`} title={whole} onClick={(event) => event.stopPropagation()}>
      {name}
    </Link>
  );
}
