/** The answer to any kind of question, drawn in a tile: what dashboards and shared links show. */
import { useMemo } from "react";
import type { Params, Schema } from "../api/client";
import type { Asked } from "../state/asked";
import { count, decimal, exact, money, percent } from "../words/numbers";
import { duration } from "../words/times";
import { Nothing } from "./answer";
import { coordinates } from "./people_drawer";
import { Chart, escaped, type Picked } from "./chart";
import { Table, type Column } from "./table";
import { BarRow } from "./words";

export interface Answers {
  trends: Schema<"Trends">;
  funnel: Schema<"Funnel">;
  retention: Schema<"Retention">;
  paths: Schema<"Paths">;
  breakdown: Schema<"Breakdown">;
}

/** A number whose people are to be shown. */
export interface Opened {
  /** Its coordinates, for the answer's `people.path`. */
  params: Params;
  shown: number;
  /** Which number it is, in words. */
  title: string;
  /** Whom it counts, where the figure says so and not the question. */
  noun?: "people" | "sessions" | undefined;
}

interface DrawnProps {
  kind: Asked["kind"];
  answer: Answers[Asked["kind"]];
  title: string;
  form: "chart" | "table";
  /** Numbers open their people by it; without it none does. */
  open?: ((number: Opened) => void) | undefined;
}

export function Drawn({ kind, answer, title, form, open }: DrawnProps) {
  switch (kind) {
    case "trends":
      return <Lines answer={answer as Answers["trends"]} title={title} form={form} open={open} />;
    case "funnel":
      return <Steps answer={answer as Answers["funnel"]} title={title} form={form} open={open} />;
    case "retention":
      return <Cohorts answer={answer as Answers["retention"]} title={title} open={open} />;
    case "paths":
      return <Ways answer={answer as Answers["paths"]} title={title} open={open} />;
    case "breakdown":
      return <Parts answer={answer as Answers["breakdown"]} title={title} form={form} open={open} />;
  }
}

type Open = DrawnProps["open"];

/** A number that opens its people, where it may; nobody stands behind 0. */
function Opens({ number, open, children }: { number: Opened; open: Open; children: string }) {
  if (!open || !number.shown) return <>{children}</>;
  return (
    <button type="button" className="link" data-figure={number.shown} aria-label={`${children}, ${number.title}: who they are`} onClick={() => open(number)}>
      {children}
    </button>
  );
}

/** The coordinates of a part of a split; of a whole there are none. */
function partOf({ value, other }: { value: string | null; other: boolean }, alone: boolean): Params {
  return alone ? {} : other ? { other: true } : value === null ? { unknown: true } : { value };
}

type Value = number | string | null | undefined;

/** A count as it is, money with its currency, any other number with two decimals. */
function told(value: Value, currency: string): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return money(value, currency);
  return Number.isInteger(value) ? exact(value) : decimal(value);
}

const MOST_LINES = 5;
/** The name of the line of a question without a split. */
const ALL = "all";

interface Moment {
  label: string;
  unfinished: boolean;
  values: readonly Value[];
  /** Who stands behind each value. */
  behind: readonly Opened[];
}

function Lines({ answer, title, form, open }: { answer: Answers["trends"]; title: string; form: "chart" | "table"; open: Open }) {
  const lines = answer.rows.slice(0, MOST_LINES);
  const names = useMemo(() => lines.map((line) => line.value ?? (line.other ? "other" : answer.rows.length > 1 ? "unknown" : ALL)), [lines, answer.rows.length]);
  const rows: Moment[] = (lines[0]?.points ?? []).map((point, place) => ({
    label: point.label,
    unfinished: point.unfinished,
    values: lines.map((line) => line.points[place]?.value),
    behind: lines.map((line, at) => ({
      params: { period: point.begin, ...partOf(line, names[at] === ALL) },
      shown: line.points[place]?.people ?? 0,
      title: names[at] === ALL ? point.label : `${names[at] ?? ""}, ${point.label}`,
    })),
  }));
  const columns: Column<Moment>[] = [
    { key: "period", head: "Period", cell: (row) => (row.unfinished ? `${row.label} (not over)` : row.label), plain: (row) => row.label },
    ...names.map((name, place): Column<Moment> => ({
      key: name,
      head: name,
      figure: true,
      cell: (row) => {
        const [value, number] = [told(row.values[place], answer.currency), row.behind[place]];
        return number ? <Opens number={number} open={open}>{value}</Opens> : value;
      },
      plain: (row) => row.values[place] ?? null,
    })),
  ];
  const pick = ({ seriesIndex, dataIndex }: Picked): void => {
    const number = rows[dataIndex]?.behind[seriesIndex];
    if (number?.shown) open?.(number);
  };
  if (rows.length === 0) return <Nothing>Nothing happened in this range.</Nothing>;
  if (form === "table") return <Table caption={title} columns={columns} rows={rows} rowKey={(row) => row.label} dense />;
  const number = (value: Value): number | null => (value === null || value === undefined ? null : Number(value));
  return (
    <Chart
      label={title}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.label}
      file="trend"
      height={220}
      {...(open && { onPick: pick })}
      option={(token) => ({
        tooltip: { trigger: "axis", formatter: (found: readonly { dataIndex: number }[]) => tooltip(rows[found[0]?.dataIndex ?? 0], names, answer.currency) },
        xAxis: { type: "category", data: rows.map((row) => row.label), boundaryGap: false },
        yAxis: { type: "value" },
        series: names.map((name, place) => ({
          type: "line",
          name,
          data: rows.map((row) => (row.unfinished ? null : number(row.values[place]))),
          showSymbol: false,
          lineStyle: { width: 1.75 },
          endLabel: { show: names.length > 1, formatter: "{a}", color: token("ink-3"), fontSize: 11 },
        })),
        ...(names.length > 1 ? { grid: { left: 8, right: 84, top: 12, bottom: 4, containLabel: true } } : {}),
      })}
    />
  );
}

function tooltip(row: Moment | undefined, names: readonly string[], currency: string): string {
  if (!row) return "";
  const lines = names.map((name, place) => `${escaped(name)} ${escaped(told(row.values[place], currency))}`);
  return [`<b>${escaped(row.label)}</b>`, ...lines].join("<br>");
}

type Step = Schema<"StepItem">;

const opensStep = (step: Step): Opened => ({ params: { at: step.number }, shown: step.people, title: step.step });

const steps = (open: Open): readonly Column<Step>[] => [
  { key: "step", head: "Step", cell: (step) => step.step, plain: (step) => step.step },
  { key: "people", head: "People", figure: true, cell: (step) => <Opens number={opensStep(step)} open={open}>{exact(step.people)}</Opens>, plain: (step) => step.people },
  { key: "of_before", head: "Of the step before", figure: true, cell: (step) => ofBase(step.of_before, step), plain: (step) => step.of_before },
  { key: "of_first", head: "Of all", figure: true, cell: (step) => ofBase(step.of_first, step), plain: (step) => step.of_first },
  { key: "median_seconds", head: "Half within", figure: true, wide: true, cell: (step) => duration(step.median_seconds), plain: (step) => step.median_seconds },
];

/** Of few people a percentage says nothing that the counts do not. */
const ofBase = (share: number | null, step: Step): string => (step.people + (step.dropped ?? 0) < 30 ? "–" : percent(share));

function Steps({ answer, title, form, open }: { answer: Answers["funnel"]; title: string; form: "chart" | "table"; open: Open }) {
  const [row] = answer.rows;
  if (!row || row.steps.length === 0) return <Nothing>Nobody took the first step in this range.</Nothing>;
  const alone = answer.rows.length === 1;
  if (form === "table") return <Table caption={title} columns={steps(alone ? open : undefined)} rows={row.steps} rowKey={(step) => String(step.number)} dense />;
  const first = row.steps[0]?.people ?? 0;
  return (
    <ul aria-label={title}>
      {row.steps.map((step) => (
        <BarRow
          key={step.number}
          share={first ? step.people / first : 0}
          label={step.step}
          value={
            <Opens number={opensStep(step)} open={alone ? open : undefined}>
              {step.number === 1 || first < 30 ? exact(step.people) : `${exact(step.people)} · ${percent(step.of_first)}`}
            </Opens>
          }
        />
      ))}
    </ul>
  );
}

type Cohort = Schema<"CohortItem">;

function Cohorts({ answer, title, open }: { answer: Answers["retention"]; title: string; open: Open }) {
  const [part] = answer.rows;
  const cohorts = part?.cohorts ?? [];
  const opens = answer.rows.length === 1 ? open : undefined;
  const most = Math.max(0, ...cohorts.map((cohort) => cohort.cells.length));
  const columns: Column<Cohort>[] = [
    { key: "cohort", head: "Began", cell: (cohort) => cohort.label, plain: (cohort) => cohort.label },
    { key: "size", head: "People", figure: true, cell: (cohort) => <Opens number={{ params: { cohort: cohort.begin }, shown: cohort.size, title: `Began ${cohort.label}` }} open={opens}>{exact(cohort.size)}</Opens>, plain: (cohort) => cohort.size },
    ...Array.from({ length: most }, (_, period): Column<Cohort> => ({
      key: String(period),
      head: String(period),
      figure: true,
      cell: (cohort) => {
        const cell = cohort.cells[period];
        if (!cell || cell.people === null) return "";
        const number = { params: { cohort: cohort.begin, period: cell.period }, shown: cell.people, title: `Began ${cohort.label}, active in period ${cell.period}` };
        return <Opens number={number} open={opens}>{cohort.size < 30 ? exact(cell.people) : percent(cell.share, 0)}</Opens>;
      },
      plain: (cohort) => cohort.cells[period]?.people ?? null,
    })),
  ];
  if (cohorts.length === 0) return <Nothing>Nobody began in this range.</Nothing>;
  return <Table caption={title} columns={columns} rows={cohorts} rowKey={(cohort) => cohort.begin} dense />;
}

type Transition = Schema<"Transition">;

const opensWay = ({ source, target, people }: Transition): Opened => ({
  params: { ...(source === null ? { unknown: true } : { value: source }), ...(target === null ? { target_unknown: true } : { target }) },
  shown: people,
  title: `${source ?? "unknown"} → ${target ?? "unknown"}`,
});

const transitions = (open: Open): readonly Column<Transition>[] => [
  { key: "source", head: "From", cell: (one) => <span className="mono clip">{one.source}</span>, plain: (one) => one.source },
  { key: "target", head: "To", cell: (one) => <span className="mono clip">{one.target}</span>, plain: (one) => one.target },
  { key: "people", head: "People", figure: true, cell: (one) => <Opens number={opensWay(one)} open={open}>{exact(one.people)}</Opens>, plain: (one) => one.people },
  { key: "times", head: "Times", figure: true, cell: (one) => exact(one.times), plain: (one) => one.times },
];

function Ways({ answer, title, open }: { answer: Answers["paths"]; title: string; open: Open }) {
  if (answer.transitions.length === 0) return <Nothing>Nobody went from one place to another in this range.</Nothing>;
  return <Table caption={title} columns={transitions(open)} rows={answer.transitions} rowKey={(one) => `${one.source}>${one.target}`} dense />;
}

type Part = Record<string, Value>;

/** The figure that a breakdown's rows are ordered by: of pages, of products, of sessions. */
const orderOf = (row: Part): string => ("entries" in row ? "views" : "viewers" in row ? "revenue" : "sessions");

/** Whom figures count, so that these can be listed. */
const COUNTED: Readonly<Record<string, "people" | "sessions">> = {
  people: "people",
  viewers: "people",
  carters: "people",
  buyers: "people",
  sessions: "sessions",
  entries: "sessions",
  exits: "sessions",
  bounces: "sessions",
  conversions: "sessions",
};

/** Whose list a bar opens: those who are counted by what it is as long as, or those who looked. */
const listedBy = (by: string): string => (by === "views" ? "people" : by === "revenue" ? "viewers" : by);

function Parts({ answer, title, form, open }: { answer: Answers["breakdown"]; title: string; form: "chart" | "table"; open: Open }) {
  const rows = answer.rows as unknown as readonly Part[];
  const first = rows[0];
  if (!first) return <Nothing>Nothing happened in this range.</Nothing>;
  const name = (row: Part): string => (row["value"] === null || row["value"] === undefined ? "unknown" : String(row["value"]));
  const opens = (row: Part, figure: string): Opened => ({
    params: { ...coordinates(answer.people, { value: (row["value"] as string | null | undefined) ?? null }), figure },
    shown: Number(row[figure] ?? 0),
    title: `${name(row)}, ${figure}`,
    noun: COUNTED[figure],
  });
  if (form === "table") {
    const columns: Column<Part>[] = Object.keys(first).map((key) =>
      key === "value"
        ? { key, head: "", cell: (row) => <span className="clip">{name(row)}</span>, plain: name }
        : { key, head: key.replaceAll("_", " "), figure: true, cell: (row) => <Opens number={opens(row, key)} open={key in COUNTED ? open : undefined}>{told(row[key], answer.currency)}</Opens>, plain: (row) => row[key] ?? null, sort: (row) => Number(row[key] ?? 0) },
    );
    return <Table caption={title} columns={columns} rows={rows} rowKey={name} dense />;
  }
  const by = orderOf(first);
  const most = Math.max(...rows.map((row) => Number(row[by] ?? 0)));
  return (
    <ul aria-label={`${title}, by ${by}`}>
      {rows.slice(0, 10).map((row) => (
        <BarRow key={name(row)} share={most > 0 ? Number(row[by] ?? 0) / most : 0} label={name(row)} value={<Opens number={opens(row, listedBy(by))} open={open}>{typeof row[by] === "string" ? told(row[by], answer.currency) : `${count(row[by])} ${by}`}</Opens>} />
      ))}
    </ul>
  );
}
