/** What every table can be taken as: copied, as a CSV of what it shows, and as the command that asks its tile's question. */
import { useContext, useState } from "react";
import { AskContext } from "../state/ask";
import { CommandCopy } from "./command_copy";
import { copy, download } from "./download";
import { csvOf, type Column } from "./table";

export function TableActions<Row>({ columns, rows, file }: { columns: readonly Column<Row>[]; rows: readonly Row[]; file: string }) {
  const [told, tell] = useState("");
  const ask = useContext(AskContext);
  const csv = (): string => csvOf(columns, rows);
  return (
    <span className="table-actions">
      <span role="status" className="small soft">
        {told}
      </span>
      <button type="button" className="link" onClick={() => void copy(csv()).then((done) => tell(done ? "Copied" : "Not allowed to copy"))}>
        Copy
      </button>
      <button type="button" className="link" onClick={() => download(`${file}.csv`, csv())}>
        CSV
      </button>
      {ask && <CommandCopy of={ask} />}
    </span>
  );
}
