/** Where visits come from, what they bring, and which channels convert otherwise than the rest for certain. */
import { useCallback, useMemo } from "react";
import { Chart, escaped, type Picked, type Tokens } from "../../parts/chart";
import { exact, money, percent } from "../../words/numbers";
import { Breakdown, capital, type BreakdownPage, type Drawn } from "../breakdown/breakdown";
import { FEW, greatest, valueOf } from "../breakdown/figures";
import { deviations, wilson } from "../breakdown/interval";
import { isMost, SESSION_FIGURES, type SessionRow } from "../breakdown/sessions";

const SHOWN = 8;

/** Rows come in order of their sessions; which one earns the most is only known when there are no others. */
function headline({ found, cut, name, dimension }: Drawn<SessionRow>): string {
  const known = found.rows.filter((row) => row.value !== null);
  const [first] = known;
  if (!first) return `No ${dimension.one} is known of these ${exact(found.total.sessions)} visits.`;
  const visits = `${exact(first.sessions)} of ${exact(found.total.sessions)} visits`;
  const said = isMost(first.sessions, found.total.sessions) ? `Most visits come from ${name(first)}` : `${capital(name(first))} brings the most visits`;
  const earning = greatest(known, "revenue");
  const money_ = earning && Number(earning.revenue) > 0 && !cut ? money(earning.revenue, found.currency) : null;
  if (!earning || money_ === null) return `${said}: ${visits}.`;
  return earning === first ? `${said} and the most money: ${visits}, ${money_}.` : `${said} (${visits}), ${name(earning)} the most money: ${money_}.`;
}

interface Converting {
  row: SessionRow;
  rate: number;
  low: number;
  high: number;
}

function converting({ found }: Drawn<SessionRow>): Converting[] {
  const rows = found.rows.slice(0, SHOWN);
  return rows.map((row) => {
    const [low, high] = wilson(row.conversions, row.sessions, deviations(rows.length));
    return { row, rate: valueOf(row, "conversion_rate") ?? 0, low, high };
  });
}

/** Only what the intervals support. */
function finding(drawn: Drawn<SessionRow>): string | null {
  const rows = converting(drawn).filter(({ row }) => row.sessions >= FEW);
  const all = drawn.found.total.conversion_rate;
  if (all === null || rows.length < 2) return null;
  const surely = rows.filter(({ low, high }) => low > all || high < all).sort((one, other) => Math.abs(other.rate - all) - Math.abs(one.rate - all));
  const [far] = surely;
  if (!far) return `No ${drawn.dimension.one} converts surely better or worse than all visits do`;
  return `${capital(drawn.name(far.row))} converts ${far.rate > all ? "better" : "worse"} than all visits do: ${percent(far.rate)} against ${percent(all)}`;
}

function Conversion({ drawn }: { drawn: Drawn<SessionRow> }) {
  const rows = useMemo(() => converting(drawn), [drawn]);
  const option = useCallback((token: Tokens) => conversionOption(rows, drawn, token), [rows, drawn]);
  const columns = useMemo(
    () => [
      { key: drawn.dimension.one, head: drawn.dimension.one, cell: ({ row }: Converting) => drawn.name(row), sort: ({ row }: Converting) => drawn.name(row) },
      { key: "conversion", head: "Conversion", figure: true, cell: ({ rate }: Converting) => percent(rate), sort: ({ rate }: Converting) => rate },
      { key: "at_least", head: "at least", figure: true, cell: ({ low }: Converting) => percent(low), sort: ({ low }: Converting) => low },
      { key: "at_most", head: "at most", figure: true, cell: ({ high }: Converting) => percent(high), sort: ({ high }: Converting) => high },
      { key: "revenue", head: "Revenue", figure: true, cell: ({ row }: Converting) => money(row.revenue, drawn.found.currency), sort: ({ row }: Converting) => Number(row.revenue) },
    ],
    [drawn],
  );
  const pick = ({ dataIndex }: Picked): void => {
    const picked = rows[dataIndex];
    if (picked) drawn.open("conversions", picked.row);
  };
  return (
    <Chart
      label={`Conversion and revenue by ${drawn.dimension.one}`}
      option={option}
      columns={columns}
      rows={rows}
      rowKey={({ row }) => row.value ?? ""}
      height={rows.length * 30 + 44}
      file={`conversion-by-${drawn.dimension.one}`}
      onPick={pick}
    />
  );
}

interface Placed {
  value(dimension: number): number;
}

interface Coordinates {
  coord(at: readonly number[]): [number, number];
}

function conversionOption(rows: readonly Converting[], drawn: Drawn<SessionRow>, token: Tokens) {
  const names = rows.map(({ row }) => drawn.name(row));
  const all = drawn.found.total.conversion_rate ?? 0;
  const category = { type: "category", inverse: true, data: names };
  return {
    grid: [
      { left: 120, right: "46%", top: 22, bottom: 22, containLabel: false },
      { left: "58%", right: 76, top: 22, bottom: 22, containLabel: false },
    ],
    xAxis: [
      { type: "value", gridIndex: 0, min: 0, max: Math.ceil(Math.max(all, ...rows.map(({ high }) => high))), axisLabel: { formatter: "{value}%" }, splitNumber: 3 },
      { type: "value", gridIndex: 1, show: false },
    ],
    yAxis: [
      { ...category, gridIndex: 0, axisLabel: { width: 108, overflow: "truncate", color: token("ink") } },
      { ...category, gridIndex: 1, axisLabel: { show: false } },
    ],
    tooltip: { trigger: "item", formatter: ({ dataIndex }: Picked) => tip(rows[dataIndex], drawn) },
    series: [
      {
        ...{ name: "interval", type: "custom", xAxisIndex: 0, yAxisIndex: 0 },
        data: rows.map(({ low, high }, index) => [low, index, high]),
        renderItem: (_: unknown, api: Placed & Coordinates) => {
          const [x1, y] = api.coord([api.value(0), api.value(1)]);
          const [x2] = api.coord([api.value(2), api.value(1)]);
          return { type: "line", shape: { x1, y1: y, x2, y2: y }, style: { stroke: token("ink-3"), lineWidth: 1.75 } };
        },
      },
      {
        ...{ name: "conversion", type: "scatter", xAxisIndex: 0, yAxisIndex: 0, symbolSize: 9, z: 3 },
        data: rows.map(({ rate }, index) => [rate, index]),
        itemStyle: { color: token("paper"), borderColor: token("ink"), borderWidth: 1.75 },
        markLine: {
          ...{ silent: true, symbol: "none", animation: false, data: [{ xAxis: all }] },
          lineStyle: { color: token("ink-3"), type: "dotted", width: 1 },
          label: { formatter: `all ${percent(all)}`, position: "start", rotate: 0, color: token("ink-2"), fontSize: 11 },
        },
      },
      {
        ...{ name: "revenue", type: "bar", xAxisIndex: 1, yAxisIndex: 1, barWidth: 11 },
        data: rows.map(({ row }) => Number(row.revenue)),
        itemStyle: { color: token("ink"), borderRadius: 1 },
        label: { show: true, position: "right", color: token("ink-2"), fontSize: 11, formatter: ({ value }: { value: number }) => money(value, drawn.found.currency, 0) },
      },
    ],
  };
}

function tip(at: Converting | undefined, { name, found }: Drawn<SessionRow>): string {
  if (!at) return "";
  const { row, rate, low, high } = at;
  const said = row.sessions < FEW ? `${exact(row.conversions)} of ${exact(row.sessions)} visits buy` : `${percent(rate)} of ${exact(row.sessions)} visits buy, between ${percent(low)} and ${percent(high)}`;
  return `<b>${escaped(name(row))}</b><br>${said}<br>${exact(row.purchases)} orders, ${escaped(money(row.revenue, found.currency))}<br>Click to list the ${exact(row.conversions)} that buy`;
}

const PAGE: BreakdownPage<SessionRow> = {
  name: "Channels",
  most: "busiest",
  by: "sessions",
  dimensions: [
    { value: "channels", one: "channel", unknown: "no channel" },
    { value: "campaigns", one: "campaign", unknown: "no campaign" },
    { value: "sources", one: "source", unknown: "no source" },
    { value: "mediums", one: "medium", unknown: "no medium" },
  ],
  figures: SESSION_FIGURES,
  totals: ["sessions", "people", "bounce_rate", "conversions", "conversion_rate", "revenue"],
  headline,
  chart: {
    plain: "Conversion and revenue",
    subtitle: "left: visits with a purchase, the line is what all lines together are 95% sure of; right: revenue",
    finding,
    draw: (drawn) => <Conversion drawn={drawn} />,
  },
};

export default function Channels() {
  return <Breakdown page={PAGE} />;
}
