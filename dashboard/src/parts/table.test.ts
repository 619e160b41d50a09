import { expect, test } from "vitest";
import { csvOf, type Column } from "./table";

interface Row {
  name: string;
  people: number | null;
}
const COLUMNS: readonly Column<Row>[] = [
  { key: "name", head: "Name", cell: (row) => row.name, sort: (row) => row.name },
  { key: "people", head: "People", cell: (row) => row.people, plain: (row) => row.people },
  { key: "mark", head: "", cell: () => "not in a file" },
];

test("a CSV has a head, quotes what needs it, and leaves nothing empty", () => {
  const rows = [{ name: 'a "b", c', people: 3 }, { name: "d", people: null }];
  expect(csvOf(COLUMNS, rows)).toBe('name,people\r\n"a ""b"", c",3\r\nd,\r\n');
});

test("a cell that a spreadsheet would run is text", () => {
  expect(csvOf(COLUMNS, [{ name: "=HYPERLINK(1)", people: -1 }])).toBe("name,people\r\n'=HYPERLINK(1),-1\r\n");
});
