/** Which pages are seen, and where visits begin, end, and end at once. */
import { useCallback, useMemo } from "react";
import type { Schema } from "../../api/client";
import { Chart, escaped, type Picked, type Tokens } from "../../parts/chart";
import { exact, share } from "../../words/numbers";
import { Breakdown, type BreakdownPage, type Drawn } from "../breakdown/breakdown";
import { FEW, greatest, type Figure } from "../breakdown/figures";

type PageRow = Schema<"PageRow">;
const SHOWN = 8;

const FIGURES: readonly Figure<PageRow>[] = [
  { key: "views", head: "Views", means: "How often it was seen.", as: "count" },
  { key: "share", head: "Share", means: "Percentage of all views.", as: "percent", wide: true },
  { key: "people", head: "People", means: "Different people who saw it.", as: "count", counts: "people", wide: true },
  { key: "sessions", head: "Sessions", means: "Sessions that saw it.", as: "count", counts: "sessions", wide: true },
  { key: "entries", head: "Entries", means: "Sessions that began there.", as: "count", counts: "sessions" },
  { key: "exits", head: "Exits", means: "Sessions that ended there.", as: "count", counts: "sessions" },
  { key: "exit_rate", head: "Exit rate", means: "Exits in percent of the views.", as: "percent", of: ["exits", "views"], wide: true },
  { key: "bounces", head: "Bounces", means: "Of the entries those whose session has no other event that counts.", as: "count", counts: "sessions", wide: true },
  { key: "bounce_rate", head: "Bounce rate", means: "Bounces in percent of the entries.", as: "percent", of: ["bounces", "entries"], wide: true },
  { key: "conversions", head: "Buying", means: "Sessions that saw it and have a purchase.", as: "count", counts: "sessions", wide: true },
  { key: "revenue", head: "Revenue", means: "Of the sessions that saw it; one session's is in every page of it.", as: "money", wide: true },
];

/** Entries are views, so a page beyond the shown ones has fewer than the last of these has views. */
function headline({ found, cut, name }: Drawn<PageRow>): string {
  const first = greatest(found.rows, "entries");
  const last = found.rows.at(-1);
  if (!first || first.entries === 0 || (cut && last && last.views > first.entries)) return `${exact(found.total.views)} views of pages in ${exact(found.total.sessions)} visits.`;
  const begin = `visits begin on ${name(first)}`;
  const said = first.entries * 2 > found.total.entries ? `Most ${begin}` : `More ${begin} than on any other page`;
  return `${said}: ${exact(first.entries)} of ${exact(found.total.entries)}. ${left(first)}`;
}

const left = (row: PageRow): string =>
  row.bounces === 0 ? "None of them ends there at once." : `Of them ${share(row.bounces, row.entries, "these").replace(/ of these$| these$/, "")} ${row.bounces === 1 ? "goes" : "go"} no further.`;

/** The page that ends the most visits beyond those that began there. */
function finding({ found, name }: Drawn<PageRow>): string | null {
  const ending = found.rows.slice(0, SHOWN).filter((row) => row.exits >= FEW && row.exits > row.entries);
  const [most] = ending.sort((one, other) => other.exits - other.entries - (one.exits - one.entries));
  return most ? `${name(most)} ends more visits than it begins: ${exact(most.exits)} against ${exact(most.entries)}` : null;
}

function Ends({ drawn }: { drawn: Drawn<PageRow> }) {
  const rows = useMemo(() => drawn.found.rows.slice(0, SHOWN), [drawn.found.rows]);
  const option = useCallback(
    (token: Tokens) => ({
      grid: { left: 8, right: 56, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: "value", show: false },
      yAxis: { type: "category", inverse: true, data: rows.map(drawn.name), axisLabel: { width: 150, overflow: "truncate", color: token("ink") } },
      tooltip: { trigger: "item", formatter: ({ dataIndex }: Picked) => tip(rows[dataIndex], drawn) },
      series: [
        { name: "entries", type: "bar", barWidth: 10, barGap: "20%", data: rows.map((row) => row.entries), itemStyle: { color: token("ink"), borderRadius: 1 }, label: { show: true, position: "right", color: token("ink"), fontSize: 11, formatter: ({ value }: { value: number }) => exact(value) } },
        { name: "exits", type: "bar", barWidth: 10, data: rows.map((row) => row.exits), itemStyle: { color: token("paper-3"), borderColor: token("edge"), borderType: "dashed", borderWidth: 1, borderRadius: 1, decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1, 4], rotation: -Math.PI / 4, color: token("ink-4") } }, label: { show: true, position: "right", color: token("ink-3"), fontSize: 11, formatter: ({ value }: { value: number }) => exact(value) } },
      ],
    }),
    [rows, drawn],
  );
  const columns = useMemo(
    () => [
      { key: "page", head: "page", cell: drawn.name, sort: drawn.name },
      { key: "entries", head: "Entries", figure: true, cell: (row: PageRow) => exact(row.entries), sort: (row: PageRow) => row.entries },
      { key: "exits", head: "Exits", figure: true, cell: (row: PageRow) => exact(row.exits), sort: (row: PageRow) => row.exits },
    ],
    [drawn],
  );
  const pick = ({ seriesName, dataIndex }: Picked): void => drawn.open(seriesName === "exits" ? "exits" : "entries", rows[dataIndex] ?? null);
  return <Chart label="Visits that begin and end on each page" option={option} columns={columns} rows={rows} rowKey={(row) => row.value ?? ""} height={rows.length * 34 + 12} file="entries-and-exits" onPick={pick} />;
}

function tip(row: PageRow | undefined, { name }: Drawn<PageRow>): string {
  if (!row) return "";
  return `<b>${escaped(name(row))}</b><br>${exact(row.entries)} visits begin here, ${exact(row.bounces)} of them go no further<br>${exact(row.exits)} visits end here<br>Click to list them`;
}

const PAGE: BreakdownPage<PageRow> = {
  name: "Pages",
  most: "most viewed",
  by: "views",
  dimensions: [{ value: "pages", one: "page", unknown: "no address" }],
  figures: FIGURES,
  totals: ["views", "people", "sessions", "bounces", "bounce_rate", "conversions"],
  headline,
  chart: {
    plain: "Where visits begin and end",
    subtitle: "solid: visits that begin on the page, hatched: visits that end on it",
    finding,
    draw: (drawn) => <Ends drawn={drawn} />,
  },
};

export default function Pages() {
  return <Breakdown page={PAGE} />;
}
