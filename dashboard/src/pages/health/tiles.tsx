/** Five figures in one ruled row: what each is, its base, its course, whether that is usual, and what it means. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Spark } from "../../parts/spark";
import { Defined, Severity } from "../../parts/words";
import { count, exact, share } from "../../words/numbers";
import { courseOf, lagOf, usualOf, type Books, type Fate, type Stored, type Usual } from "./figures";

interface TileProps {
  name: string;
  means: string;
  value: ReactNode;
  base: string;
  course?: readonly number[];
  usual: Usual;
  children: ReactNode;
}

function Tile({ name, means, value, base, course, usual, children }: TileProps) {
  return (
    <section className="health-tile" aria-label={name}>
      <p className="small second">
        <Defined means={means}>{name}</Defined>
      </p>
      <p className="figure">{value}</p>
      <p className="small second">{base}</p>
      <div className="health-spark">{course?.some((value) => value > 0) && <Spark values={course} width={150} height={30} label={`${name} over time`} />}</div>
      <Severity of={usual.severity} word={usual.word} />
      <p className="small second">{children}</p>
    </section>
  );
}

export function Tiles({ books, stored, now }: { books: Books; stored: Stored | undefined; now: number }) {
  const { total } = books;
  const of = (fate: Fate): Pick<TileProps, "course" | "usual"> => ({ course: courseOf(books, fate, now), usual: usualOf(books, fate, now) });
  const lag = stored?.lag;
  return (
    <div className="health-tiles">
      <Tile
        name="Lag"
        means="Events that are acknowledged, so safe on disk, and not yet in sessions and figures"
        value={lag ? exact(lag.events) : "–"}
        base="events wait, of all projects"
        usual={lag && lag.events > 0 ? { severity: lag.events > 10_000 ? "high" : "ok", word: "Catching up" } : { severity: "ok", word: "Nothing waits" }}
      >
        {lag ? lagOf(lag) : "Not known yet."}
      </Tile>
      <Tile name="Late events" means="Events that came too late to correct their session at once" value={count(total.late)} base={part(total.late, total.counted, "counted")} {...of("late")}>
        {total.late === 0 ? "Nothing to do." : <>They join their sessions at the next rebuild. {lateness(books)}</>}
      </Tile>
      <Tile name="Duplicates" means="Events whose id had been kept before, and rows of files that were imported before" value={count(total.duplicates)} base={part(total.duplicates, total.received, "received")} {...of("duplicates")}>
        {total.duplicates === 0 ? "Nothing came twice." : "Sent again with the same id, counted once."}
      </Tile>
      <Tile name="Bots filtered" means="Events of programs that say so, or are known" value={count(total.bots)} base={part(total.bots, total.received, "received")} {...of("bots")}>
        {total.bots === 0 ? "No bot was seen." : "Kept apart: in no session and no figure."}
      </Tile>
      <Tile name="Rejected" means="Events that could not be taken; each is kept with its reason" value={count(total.rejected)} base={part(total.rejected, total.received, "received")} course={courseOf(books, "rejected", now)} usual={total.rejected > 0 ? { severity: "high", word: `${count(total.rejected)} need you` } : { severity: "ok", word: "None" }}>
        {total.rejected === 0 ? "Nothing to do." : <Link href={`/rejected?reason=${encodeURIComponent(books.reasons[0]?.reason ?? "")}`}>See the commonest</Link>}
      </Tile>
    </div>
  );
}

const part = (of: number, base: number, what: string): string => (of === 0 ? `none of ${count(base)} ${what}` : share(of, base, what));

/** The latest of the late ones: by how much. */
function lateness(books: Books): string {
  const last = books.late_by.filter((part) => part.events > 0).at(-1);
  if (!last) return "";
  const most = last.before_days === null ? `over ${last.from_days} days` : last.before_days === 1 ? "less than a day" : `${last.from_days} to ${last.before_days} days`;
  return `The latest of them: ${most} after they happened.`;
}
