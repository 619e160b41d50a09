/** A table: text left, figures right, hairlines between rows, sorted by a click on its head, rows opened by click or Enter. */
import { useMemo, useState, type KeyboardEvent, type ReactNode } from "react";

export interface Column<Row> {
  /** Unique in the table; the column's name in a CSV. */
  key: string;
  head: ReactNode;
  cell(row: Row): ReactNode;
  /** Figures stand right. */
  figure?: boolean;
  /** What to sort by; without it the column can't be sorted. */
  sort?(row: Row): number | string | null;
  /** What stands in a CSV; without it what `sort` says. */
  plain?(row: Row): string | number | null;
  /** Left out on a phone. */
  wide?: boolean;
}

interface TableProps<Row> {
  /** Says what the table shows, to readers. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  open?(row: Row): void;
  /** How many people or sessions a row opens. */
  figure?(row: Row): number;
  selected?: string | null;
  dense?: boolean;
  /** How it is sorted, where the page keeps that in its address; else the table does. */
  order?: Order | null;
  onOrder?(order: Order): void;
}

export interface Order {
  key: string;
  down: boolean;
}

export function Table<Row>({ caption, columns, rows, rowKey, open, figure, selected, dense = false, order: given, onOrder }: TableProps<Row>) {
  const [own, setOwn] = useState<Order | null>(null);
  const order = given === undefined ? own : given;
  const sorted = useMemo(() => inOrder(rows, columns, order), [rows, columns, order]);
  const turn = (key: string): void => (onOrder ?? setOwn)({ key, down: order?.key === key ? !order.down : true });
  const onKey = (event: KeyboardEvent, row: Row): void => {
    if (event.key === "Enter" && event.target === event.currentTarget) open?.(row);
  };
  return (
    <div className="table-frame" tabIndex={-1}>
      <table className={dense ? "dense" : ""}>
        <caption className="sr">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={names(column)}
                aria-sort={order?.key === column.key ? (order.down ? "descending" : "ascending") : undefined}
              >
                {column.sort ? (
                  <button type="button" className="sorter" onClick={() => turn(column.key)}>
                    {column.head}
                    <span aria-hidden="true">{order?.key === column.key ? (order.down ? " ↓" : " ↑") : ""}</span>
                  </button>
                ) : (
                  column.head
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr
              key={rowKey(row)}
              className={`${open ? "opens" : ""}${selected === rowKey(row) ? " selected" : ""}`}
              tabIndex={open ? 0 : undefined}
              data-figure={figure?.(row)}
              aria-selected={selected === undefined ? undefined : selected === rowKey(row)}
              onClick={open && (() => open(row))}
              onKeyDown={open && ((event) => onKey(event, row))}
            >
              {columns.map((column) => (
                <td key={column.key} className={names(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const names = (column: { figure?: boolean; wide?: boolean }): string =>
  [column.figure && "figure-cell", column.wide && "wide"].filter(Boolean).join(" ");

function inOrder<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: Order | null): readonly Row[] {
  const by = columns.find((column) => column.key === order?.key)?.sort;
  if (!by || !order) return rows;
  const sign = order.down ? -1 : 1;
  return [...rows].sort((left, right) => {
    const [a, b] = [by(left), by(right)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1; // nothing stands last, either way
    return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  });
}

/** The rows as CSV (RFC 4180), for `download`. Cells that a spreadsheet would run as a formula get an apostrophe. */
export function csvOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const said = columns.filter((column) => column.plain ?? column.sort);
  const line = (cells: readonly (string | number | null)[]): string => cells.map(csvCell).join(",");
  return [
    line(said.map((column) => column.key)),
    ...rows.map((row) => line(said.map((column) => (column.plain ?? column.sort)?.(row) ?? null))),
    "",
  ].join("\r\n");
}

function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
