/** The books: what arrived, line by line down to what is counted; and the check against what is kept. */
import type { ReactNode } from "react";
import { exact } from "../../words/numbers";
import { when } from "../../words/times";
import type { Books } from "./figures";

const minus = (value: number): string => (value === 0 ? "0" : `−${exact(value)}`);

export function Ledger({ books, zone }: { books: Books; zone: string }) {
  const { total, kept, ways } = books;
  const files = ways.find((way) => way.way === "files");
  return (
    <>
      <table className="health-ledger">
        <caption className="sr">Received, less duplicates, bots and rejected, is counted</caption>
        <tbody>
          <Line name="Received" value={exact(total.received)}>
            {files ? `${exact(files.received)} of them rows of files` : "by the doors"}
          </Line>
          <Line name="Duplicates" value={minus(total.duplicates)}>
            kept once, the copy is discarded
          </Line>
          <Line name="Bots filtered" value={minus(total.bots)}>
            kept apart, out of every figure
          </Line>
          <Line name="Rejected" value={minus(total.rejected)}>
            kept with their reason, can be replayed
          </Line>
          <Line name="Counted" value={exact(total.counted)} whole>
            in sessions, figures and charts
          </Line>
        </tbody>
      </table>
      <p className="small soft">{checked(kept)}</p>
      {books.counted_from && <p className="small soft">The books begin {when(books.counted_from, zone)}: what arrived before was not counted when it did.</p>}
    </>
  );
}

function Line({ name, value, whole = false, children }: { name: string; value: string; whole?: boolean; children: ReactNode }) {
  return (
    <tr className={whole ? "strong" : ""}>
      <th scope="row">{name}</th>
      <td className="figure-cell">{value}</td>
      <td className="soft small">{children}</td>
    </tr>
  );
}

/** The other counting: what is kept now of the same arrivals. */
function checked(kept: Books["kept"]): string {
  const there = `Counted again in what is kept: ${exact(kept.events)} events and ${exact(kept.rejected)} rejected`;
  if (kept.unbooked > 0) return `${there}, ${exact(kept.unbooked)} more than the books say.`;
  if (kept.removed > 0) return `${there}; ${exact(kept.removed)} were erased since, or are older than data are kept.`;
  return `${there}. Both agree.`;
}
