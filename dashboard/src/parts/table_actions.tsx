/** What every table can be taken as: copied, and as a CSV of what it shows. */
import { useState } from "react";
import { copy, download } from "./download";
import { csvOf, type Column } from "./table";

export function TableActions<Row>({ columns, rows, file }: { columns: readonly Column<Row>[]; rows: readonly Row[]; file: string }) {
  const [told, tell] = useState("");
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
    </span>
  );
}
