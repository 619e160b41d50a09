/** The four figures: revenue wide, with the time before and the one day that was unusual; three beside it. */
import { useMemo, useSyncExternalStore, type ReactNode } from "react";
import type { Schema } from "../../api/client";
import { asking } from "../../parts/asking";
import { Chart, escaped, type Tokens } from "../../parts/chart";
import type { Column } from "../../parts/table";
import { Defined, Delta } from "../../parts/words";
import type { Ask } from "../../state/ask";
import { useProject } from "../../state/project";
import { count, decimal, exact, money } from "../../words/numbers";
import { clock, day } from "../../words/times";
import type { Told } from "./asking";
import { sum, type Facts } from "./findings";
import type { Span } from "./span";

export type Points = readonly Schema<"TrendPoint">[];

interface FiguresProps {
  facts: Facts;
  span: Span;
  /** The revenue's points, for their times and for what was unusual. */
  points: Points;
  asks: Told["asks"];
  openSessions(): void;
}

/** `nothing` where there is nothing to divide by. */
const ratio = (part: number, whole: number): number | null => (whole ? part / whole : null);
const ratios = (parts: readonly number[], wholes: readonly number[], by = 1): (number | null)[] => parts.map((part, index) => (wholes[index] ? (by * part) / (wholes[index] ?? 1) : null));
const grown = (now: number | null, before: number | null): number | null => (now === null || !before ? null : (100 * (now - before)) / before);

export function Figures({ facts, span, points, asks: [ofRevenue, ofPurchases, ofSessions], openSessions }: FiguresProps) {
  const { currency } = useProject();
  const { revenue, purchases, sessions } = facts;
  const [taken, orders, visits] = [sum(revenue.now), sum(purchases.now), sum(sessions.now)];
  const then = { taken: sum(revenue.before), orders: sum(purchases.before), visits: sum(sessions.before) };
  const euros = (value: number | null): string => money(value, currency);
  const basket = { now: ratio(taken, orders), before: ratio(then.taken, then.orders) };
  const buying = { now: ratio(100 * orders, visits), before: ratio(100 * then.orders, then.visits) };
  const apart = buying.now === null || buying.before === null ? null : buying.now - buying.before;
  return (
    <div className="overview-figures">
      <Tile name="Revenue" asks={[ofRevenue]} means="The amounts of all orders in the project's currency; of one order within a session only the first counts." figure={euros(taken)} delta={<Delta value={grown(taken, then.taken)} against={`from ${euros(then.taken)}`} />}>
        <Lines name="Revenue" {...{ span, points, shown: euros }} now={revenue.now} before={revenue.before} wide />
      </Tile>
      <Tile name="Orders per 100 sessions" asks={[ofPurchases, ofSessions]} means="Orders divided by sessions that began, times 100." figure={decimal(buying.now)} delta={<Delta value={apart} unit="points" against={`from ${decimal(buying.before)}`} />}>
        <Lines name="Orders per 100 sessions" {...{ span, points, shown: decimal }} now={ratios(purchases.now, sessions.now, 100)} before={ratios(purchases.before, sessions.before, 100)} />
      </Tile>
      <Tile name="Average order" asks={[ofRevenue, ofPurchases]} means="Revenue divided by orders." figure={basket.now === null ? "no order" : euros(basket.now)} delta={<Delta value={grown(basket.now, basket.before)} against={`from ${euros(basket.before)}`} />}>
        <Lines name="Average order" {...{ span, points, shown: euros }} now={ratios(revenue.now, purchases.now)} before={ratios(revenue.before, purchases.before)} />
      </Tile>
      <Tile
        name="Sessions"
        asks={[ofSessions]}
        means="Sessions that began in this time. The number opens them."
        figure={
          <button type="button" className="link" data-figure={visits} onClick={openSessions}>
            {count(visits)}
          </button>
        }
        delta={<Delta value={grown(visits, then.visits)} against={`from ${count(then.visits)}`} />}
      >
        <Lines name="Sessions" {...{ span, points, shown: exact }} now={sessions.now} before={sessions.before} />
      </Tile>
    </div>
  );
}

interface TileProps {
  name: string;
  means: string;
  /** What its figures are made of. */
  asks: readonly Ask[];
  figure: ReactNode;
  delta: ReactNode;
  children: ReactNode;
}

function Tile({ name, means, asks, figure, delta, children }: TileProps) {
  return (
    <section aria-label={name} {...asking(...asks)}>
      <h2 className="small soft">
        <Defined means={means}>{name}</Defined>
      </h2>
      <p className="figure">{figure}</p>
      <p>{delta}</p>
      {children}
    </section>
  );
}

const room = window.matchMedia("(min-width: 721px)");
const hasRoom = (): boolean => room.matches;
function watchWidth(told: () => void): () => void {
  room.addEventListener("change", told);
  return () => room.removeEventListener("change", told);
}

interface LinesProps {
  name: string;
  span: Span;
  points: Points;
  now: readonly (number | null)[];
  before: readonly (number | null)[];
  shown(value: number | null): string;
  wide?: boolean;
}

interface Moment {
  begin: string;
  label: string;
  now: number | null;
  before: number | null;
}

/** Solid is the span, dotted the time before; a line without a value axis spans a fifth of its mean at least. */
function Lines({ name, span, points, now, before, shown, wide: mayBeWide = false }: LinesProps) {
  const { zone } = useProject();
  const wide = useSyncExternalStore(watchWidth, hasRoom) && mayBeWide;
  const rows: Moment[] = useMemo(
    () => now.map((value, index) => ({ begin: points[index]?.begin ?? String(index), label: labelOf(points[index]?.begin, span, zone), now: value, before: before[index] ?? null })),
    [now, before, points, span, zone],
  );
  const columns: readonly Column<Moment>[] = [
    { key: span.unit, head: span.unit === "day" ? "Day" : "Time", cell: (row) => row.label, plain: (row) => row.begin },
    { key: "value", head: name, figure: true, cell: (row) => shown(row.now), plain: (row) => row.now },
    ...(span.earlier === null ? [] : [{ key: "before", head: `${span.name} before`, figure: true, cell: (row: Moment) => shown(row.before), plain: (row: Moment) => row.before }]),
  ];
  const unusual = wide ? mostUnusual(points) : null;
  const option = useMemo(() => (tokens: Tokens) => drawing(tokens, { name, rows, shown, wide, unusual, span }), [name, rows, shown, wide, unusual, span]);
  return <Chart label={`${name} by ${span.unit}`} option={option} columns={columns} rows={rows} rowKey={(row) => row.begin} file={`overview-${name.toLowerCase().replaceAll(" ", "-")}`} height={wide ? 128 : 96} />;
}

function labelOf(begin: string | undefined, span: Span, zone: string): string {
  if (begin === undefined) return "";
  return span.unit === "hour" || span.unit === "minute" ? clock(begin, zone) : day(begin, zone);
}

/** The one point that may be annotated: the most unusual, if the API finds any unusual. */
function mostUnusual(points: Points): number | null {
  const scores = points.map(({ verdict }) => (verdict?.unusual ? Math.abs(verdict.score) : 0));
  const most = Math.max(0, ...scores);
  return most > 0 ? scores.indexOf(most) : null;
}

interface Drawing extends Pick<LinesProps, "name" | "span" | "shown"> {
  rows: readonly Moment[];
  wide: boolean;
  unusual: number | null;
}

function drawing(tokens: Tokens, { name, rows, shown, wide, unusual, span }: Drawing) {
  const values = rows.flatMap((row) => [row.now, row.before]).filter((value) => value !== null);
  const mean = sum(values) / Math.max(1, values.length);
  const [least, most] = [Math.min(mean * 0.8, ...values), Math.max(mean * 1.2, ...values)];
  const last = rows.length - 1;
  const dotted = [last, unusual].filter((index) => index !== null);
  const known = rows[unusual ?? -1];
  const text = { fontFamily: "Instrument Sans Variable", fontSize: 12 };
  const apart = pushedApart(rows[last], most - least);
  return {
    grid: { left: 0, right: wide ? 88 : 8, top: wide ? 16 : 8, bottom: 8, containLabel: true },
    xAxis: { type: "category", boundaryGap: false, data: rows.map((row) => row.label), axisLine: { show: wide }, axisTick: { show: wide }, axisLabel: wide ? {} : { interval: (index: number) => index === 0 || index === last, alignMinLabel: "left", alignMaxLabel: "right" } },
    yAxis: { type: "value", show: wide, min: least, max: most, splitNumber: 2, axisLabel: { showMinLabel: false, showMaxLabel: false, formatter: (value: number) => shown(value).replace(/[.,]\d\d$/, "") } },
    tooltip: {
      trigger: "axis",
      formatter: (shownAt: { dataIndex: number }[]) => {
        const row = rows[shownAt[0]?.dataIndex ?? -1];
        if (!row) return "";
        const beside = span.earlier === null ? "" : `<br>${escaped(`${span.name} before`)}: ${escaped(shown(row.before))}`;
        return `${escaped(row.label)}<br><b>${escaped(shown(row.now))}</b>${beside}`;
      },
    },
    series: [
      {
        type: "line",
        name: "before",
        data: span.earlier === null ? [] : rows.map((row) => row.before),
        symbol: "none",
        silent: true,
        lineStyle: { color: tokens("ink-3"), width: 1, type: [2, 2] },
        endLabel: { show: wide, ...text, color: tokens("ink-3"), formatter: `${span.name} before`, offset: [0, -apart] },
      },
      {
        type: "line",
        name,
        data: rows.map((row) => row.now),
        symbol: "circle",
        symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) => (dotted.includes(dataIndex) ? 6 : 0),
        itemStyle: { color: tokens("ink") },
        lineStyle: { color: tokens("ink"), width: 1.75 },
        endLabel: { show: wide, ...text, fontWeight: 600, color: tokens("ink"), formatter: span.earlier === null ? "" : `this ${span.name}`, offset: [0, apart] },
        markPoint: known && { silent: true, symbol: "circle", symbolSize: 0.1, data: [{ coord: [unusual, known.now], value: `${shown(known.now)}, unusual`, label: { show: true, ...text, color: tokens("ink-2"), position: (unusual ?? 0) > last / 2 ? "left" : "right", distance: 8, formatter: "{c}" } }] },
      },
    ],
  };
}

const PLOT = 90;
const APART = 17;

/** How many pixels each of the two labels at the end moves, so that they stand 17 apart; down for what is lower. */
function pushedApart(end: Moment | undefined, range: number): number {
  if (!end || end.now === null || end.before === null || range <= 0) return 0;
  const pixels = ((end.before - end.now) / range) * PLOT; // positive: now stands lower
  const short = Math.max(0, APART - Math.abs(pixels)) / 2;
  return pixels >= 0 ? short : -short;
}
