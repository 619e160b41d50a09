/** The answer to any kind of question, drawn in a tile: what dashboards and shared links show. */
import { useMemo } from "react";
import type { Schema } from "../api/client";
import type { Asked } from "../state/asked";
import { count, decimal, exact, money, percent } from "../words/numbers";
import { duration } from "../words/times";
import { Nothing } from "./answer";
import { Chart, escaped } from "./chart";
import { Table, type Column } from "./table";
import { BarRow } from "./words";

export interface Answers {
  trends: Schema<"Trends">;
  funnel: Schema<"Funnel">;
  retention: Schema<"Retention">;
  paths: Schema<"Paths">;
  breakdown: Schema<"Breakdown">;
}

interface DrawnProps {
  kind: Asked["kind"];
  answer: Answers[Asked["kind"]];
  title: string;
  form: "chart" | "table";
}

export function Drawn({ kind, answer, title, form }: DrawnProps) {
  switch (kind) {
    case "trends":
      return <Lines answer={answer as Answers["trends"]} title={title} form={form} />;
    case "funnel":
      return <Steps answer={answer as Answers["funnel"]} title={title} form={form} />;
    case "retention":
      return <Cohorts answer={answer as Answers["retention"]} title={title} />;
    case "paths":
      return <Ways answer={answer as Answers["paths"]} title={title} />;
    case "breakdown":
      return <Parts answer={answer as Answers["breakdown"]} title={title} form={form} />;
  }
}

type Value = number | string | null | undefined;

/** A count as it is, money with its currency, any other number with two decimals. */
function told(value: Value, currency: string): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return money(value, currency);
  return Number.isInteger(value) ? exact(value) : decimal(value);
}

const MOST_LINES = 5;

interface Moment {
  label: string;
  unfinished: boolean;
  values: readonly Value[];
}

function Lines({ answer, title, form }: { answer: Answers["trends"]; title: string; form: "chart" | "table" }) {
  const lines = answer.rows.slice(0, MOST_LINES);
  const names = useMemo(() => lines.map((line) => line.value ?? (line.other ? "other" : answer.rows.length > 1 ? "unknown" : "all")), [lines, answer.rows.length]);
  const rows: Moment[] = (lines[0]?.points ?? []).map((point, place) => ({
    label: point.label,
    unfinished: point.unfinished,
    values: lines.map((line) => line.points[place]?.value),
  }));
  const columns: Column<Moment>[] = [
    { key: "period", head: "Period", cell: (row) => (row.unfinished ? `${row.label} (not over)` : row.label), plain: (row) => row.label },
    ...names.map((name, place): Column<Moment> => ({
      key: name,
      head: name,
      figure: true,
      cell: (row) => told(row.values[place], answer.currency),
      plain: (row) => row.values[place] ?? null,
    })),
  ];
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

const STEPS: readonly Column<Step>[] = [
  { key: "step", head: "Step", cell: (step) => step.step, plain: (step) => step.step },
  { key: "people", head: "People", figure: true, cell: (step) => exact(step.people), plain: (step) => step.people },
  { key: "of_before", head: "Of the step before", figure: true, cell: (step) => ofBase(step.of_before, step), plain: (step) => step.of_before },
  { key: "of_first", head: "Of all", figure: true, cell: (step) => ofBase(step.of_first, step), plain: (step) => step.of_first },
  { key: "median_seconds", head: "Half within", figure: true, wide: true, cell: (step) => duration(step.median_seconds), plain: (step) => step.median_seconds },
];

/** Of few people a percentage says nothing that the counts do not. */
const ofBase = (share: number | null, step: Step): string => (step.people + (step.dropped ?? 0) < 30 ? "–" : percent(share));

function Steps({ answer, title, form }: { answer: Answers["funnel"]; title: string; form: "chart" | "table" }) {
  const steps = answer.rows[0]?.steps ?? [];
  if (steps.length === 0) return <Nothing>Nobody took the first step in this range.</Nothing>;
  if (form === "table") return <Table caption={title} columns={STEPS} rows={steps} rowKey={(step) => String(step.number)} dense />;
  const first = steps[0]?.people ?? 0;
  return (
    <ul aria-label={title}>
      {steps.map((step) => (
        <BarRow
          key={step.number}
          share={first ? step.people / first : 0}
          label={step.step}
          value={step.number === 1 || first < 30 ? exact(step.people) : `${exact(step.people)} · ${percent(step.of_first)}`}
        />
      ))}
    </ul>
  );
}

type Cohort = Schema<"CohortItem">;

function Cohorts({ answer, title }: { answer: Answers["retention"]; title: string }) {
  const cohorts = answer.rows[0]?.cohorts ?? [];
  const most = Math.max(0, ...cohorts.map((cohort) => cohort.cells.length));
  const columns: Column<Cohort>[] = [
    { key: "cohort", head: "Began", cell: (cohort) => cohort.label, plain: (cohort) => cohort.label },
    { key: "size", head: "People", figure: true, cell: (cohort) => exact(cohort.size), plain: (cohort) => cohort.size },
    ...Array.from({ length: most }, (_, period): Column<Cohort> => ({
      key: String(period),
      head: String(period),
      figure: true,
      cell: (cohort) => {
        const cell = cohort.cells[period];
        return cell && cell.people !== null ? (cohort.size < 30 ? exact(cell.people) : percent(cell.share, 0)) : "";
      },
      plain: (cohort) => cohort.cells[period]?.people ?? null,
    })),
  ];
  if (cohorts.length === 0) return <Nothing>Nobody began in this range.</Nothing>;
  return <Table caption={title} columns={columns} rows={cohorts} rowKey={(cohort) => cohort.begin} dense />;
}

type Transition = Schema<"Transition">;

const TRANSITIONS: readonly Column<Transition>[] = [
  { key: "source", head: "From", cell: (one) => <span className="mono clip">{one.source}</span>, plain: (one) => one.source },
  { key: "target", head: "To", cell: (one) => <span className="mono clip">{one.target}</span>, plain: (one) => one.target },
  { key: "people", head: "People", figure: true, cell: (one) => exact(one.people), plain: (one) => one.people },
  { key: "times", head: "Times", figure: true, cell: (one) => exact(one.times), plain: (one) => one.times },
];

function Ways({ answer, title }: { answer: Answers["paths"]; title: string }) {
  if (answer.transitions.length === 0) return <Nothing>Nobody went from one place to another in this range.</Nothing>;
  return <Table caption={title} columns={TRANSITIONS} rows={answer.transitions} rowKey={(one) => `${one.source}>${one.target}`} dense />;
}

type Part = Record<string, Value>;

/** The figure that a breakdown's rows are ordered by: of pages, of products, of sessions. */
const orderOf = (row: Part): string => ("entries" in row ? "views" : "viewers" in row ? "revenue" : "sessions");

function Parts({ answer, title, form }: { answer: Answers["breakdown"]; title: string; form: "chart" | "table" }) {
  const rows = answer.rows as unknown as readonly Part[];
  const first = rows[0];
  if (!first) return <Nothing>Nothing happened in this range.</Nothing>;
  const name = (row: Part): string => (row["value"] === null || row["value"] === undefined ? "unknown" : String(row["value"]));
  if (form === "table") {
    const columns: Column<Part>[] = Object.keys(first).map((key) =>
      key === "value"
        ? { key, head: "", cell: (row) => <span className="clip">{name(row)}</span>, plain: name }
        : { key, head: key.replaceAll("_", " "), figure: true, cell: (row) => told(row[key], answer.currency), plain: (row) => row[key] ?? null, sort: (row) => Number(row[key] ?? 0) },
    );
    return <Table caption={title} columns={columns} rows={rows} rowKey={name} dense />;
  }
  const by = orderOf(first);
  const most = Math.max(...rows.map((row) => Number(row[by] ?? 0)));
  return (
    <ul aria-label={`${title}, by ${by}`}>
      {rows.slice(0, 10).map((row) => (
        <BarRow key={name(row)} share={most > 0 ? Number(row[by] ?? 0) / most : 0} label={name(row)} value={typeof row[by] === "string" ? told(row[by], answer.currency) : `${count(row[by])} ${by}`} />
      ))}
    </ul>
  );
}
