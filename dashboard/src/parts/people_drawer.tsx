/** The people behind a number: the drawer asks the answer's own drill-down, so its count is the number's. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { get, type Params, type Schema } from "../api/client";
import { exact } from "../words/numbers";
import { Fault } from "./answer";
import { Behind } from "./behind";
import { Button } from "./button";
import { className, isClass, TOKEN } from "./classes";
import { download } from "./download";
import { Drawer } from "./drawer";
import "./people_drawer.css";
import { csvOf } from "./table";

export interface DrillDown {
  /** The route: what the answer's `people.path` says. */
  path: string;
  /** The question's own parameters and the number's coordinates. */
  params: Params;
  /** The number that was opened. */
  shown: number;
  /** What is counted: `people` or `sessions`. */
  noun?: "people" | "sessions";
  /** How many of them are of each class, where the page knows; they add up to the number. */
  classes?: readonly { name: string; count: number }[];
}

/** The parameters that lead from a row of an answer to its people (`PeopleLink.coordinates`: {parameter: field}). */
export function coordinates(link: Schema<"PeopleLink">, fields: Readonly<Record<string, string | number | boolean | null>>): Params {
  const found: Record<string, string | number | boolean> = {};
  for (const [parameter, field] of Object.entries(link.coordinates)) {
    const value = field.endsWith(" is null") ? fields[field.slice(0, -8)] === null : fields[field];
    if (value !== undefined && value !== null && value !== false) found[parameter] = value;
  }
  return found;
}

interface Props {
  of: DrillDown;
  /** Which bar: "Step 3, left before starting checkout". */
  title: ReactNode;
  /** What they have in common, in a sentence. */
  words?: ReactNode;
  close(): void;
  next?: (() => void) | undefined;
}

type Page = Schema<"People">;

export function PeopleDrawer({ of, title, words, close, next }: Props) {
  const noun = of.noun ?? "people";
  const pages = useInfiniteQuery({
    queryKey: [of.path, of.params, "people"],
    queryFn: ({ pageParam, signal }) => get<Page>(of.path, { ...of.params, limit: 50, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const [saving, setSaving] = useState(false);
  const save = async (): Promise<void> => {
    setSaving(true);
    try {
      const everybody: Schema<"Person">[] = [];
      let cursor: string | null = null;
      do {
        const page: Page = await get<Page>(of.path, { ...of.params, limit: 1000, cursor });
        everybody.push(...page.items);
        cursor = page.next;
      } while (cursor);
      download(`${noun}.csv`, csvOf([{ key: "who", head: "", cell: (one: Schema<"Person">) => one.who, plain: (one) => one.who }], everybody));
    } finally {
      setSaving(false);
    }
  };
  const people = pages.data?.pages[0]?.items ?? [];
  const count = pages.data?.pages[0]?.count;
  return (
    <Drawer
      of={title}
      title={`${exact(count ?? of.shown)} ${noun}`}
      close={close}
      next={next}
      ask={{ path: of.path, params: of.params }}
      foot={
        <Button onClick={() => void save()} disabled={saving}>
          {saving ? "Reading…" : "Export CSV"}
        </Button>
      }
    >
      <p className="second">
        {count === undefined ? "Reading who they are…" : count === of.shown ? `The same ${exact(count)} as in the bar.` : `Now ${exact(count)}: more events came since the bar was drawn.`} {words}
      </p>
      <Classes of={of} />
      {pages.error && <Fault error={pages.error} asked="who they are" retry={() => void pages.refetch()} />}
      {people.length > 0 && (
        <p className="behind-head" aria-hidden="true">
          <span>{noun === "sessions" ? "The visit" : "Newest visit"}</span>
          <span>Cart, last page</span>
        </p>
      )}
      {pages.data?.pages.map((page, place) => <Behind key={place} people={page.items} noun={noun} params={of.params} />)}
      {pages.hasNextPage && (
        <Button onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
          More
        </Button>
      )}
    </Drawer>
  );
}

/** How many of them are of each class: they add up to the number. */
function Classes({ of }: { of: DrillDown }) {
  const shown = (of.classes ?? []).filter((one) => one.count > 0);
  if (shown.length === 0) return null;
  return (
    <div className="behind-classes">
      <p className="behind-bar" aria-hidden="true">
        {shown.map((one) => (
          <span key={one.name} className={isClass(one.name) ? `b-${TOKEN[one.name]}` : ""} style={{ flexGrow: one.count }} />
        ))}
      </p>
      <ul>
        {shown.map((one) => (
          <li key={one.name} className={isClass(one.name) ? `k-${TOKEN[one.name]}` : ""}>
            <b>{exact(one.count)}</b> {className(one.name)}
          </li>
        ))}
      </ul>
    </div>
  );
}
