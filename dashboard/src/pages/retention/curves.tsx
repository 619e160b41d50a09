/**
 * How cohorts stay: a line for each, all together in ink; with a split a line for each of its parts. Shares and numbers
 * begin with the period after the cohort's own, in which everybody was there.
 */
import { useMemo } from "react";
import { Chart, escaped, type Tokens } from "../../parts/chart";
import type { Column } from "../../parts/table";
import { useProject } from "../../state/project";
import { decimal, exact, money, percent } from "../../words/numbers";
import { valueOf } from "./figures";
import type { Cohort, Part, Question } from "./question";

interface Line {
  name: string;
  values: readonly (number | null)[];
  strong: boolean;
}

const MOST_PARTS = 4;

export const partName = (part: Part): string => (part.other ? "other" : (part.value ?? "unknown"));

/** Cohorts and all of them together, or, with a split, the largest parts. */
export function linesOf(parts: readonly Part[], cohorts: readonly Cohort[], { split, show }: Question): Line[] {
  if (split !== null && show === "share") return parts.slice(0, MOST_PARTS).map((part) => ({ name: partName(part), values: part.overall.map(({ share }) => share), strong: true }));
  const each = cohorts.map((cohort) => ({ name: cohort.label, values: cohort.cells.map((cell) => valueOf(cell, show)), strong: false }));
  const overall = parts[0]?.overall.map(({ share }) => share) ?? [];
  return show === "share" ? [...each, { name: "all", values: overall, strong: true }] : each;
}

export function Curves({ parts, cohorts, question }: { parts: readonly Part[]; cohorts: readonly Cohort[]; question: Question }) {
  const { currency } = useProject();
  const { show, unit, periods } = question;
  const lines = useMemo(() => linesOf(parts, cohorts, question), [parts, cohorts, question]);
  const shown = (value: number | null | undefined): string => (show === "share" ? percent(value, 1) : show === "people" ? exact(value) : money(value, currency));
  const columns: readonly Column<Line>[] = [
    { key: "cohort", head: question.split === null ? "Began" : question.split, cell: (line) => line.name, plain: (line) => line.name },
    ...Array.from({ length: periods + 1 }, (_, period): Column<Line> => ({ key: `${unit}_${period}`, head: String(period), figure: true, cell: (line) => shown(line.values[period]), plain: (line) => line.values[period] ?? null })),
  ];
  const option = useMemo(() => (tokens: Tokens) => drawing(tokens, lines, question, currency), [lines, question, currency]);
  return <Chart label={`By ${unit} after the first`} option={option} columns={columns} rows={lines} rowKey={(line) => line.name} file="retention" height={260} />;
}

function drawing(tokens: Tokens, lines: readonly Line[], { show, unit, periods, split }: Question, currency: string) {
  const written = (value: number): string => (show === "share" ? percent(value, 1) : show === "people" ? exact(value) : money(value, currency));
  const parted = split !== null && show === "share";
  const first = show === "share" || show === "people" ? 1 : 0;
  return {
    grid: { left: 0, right: 72, top: 12, bottom: 8, containLabel: true },
    xAxis: { type: "category", boundaryGap: false, data: Array.from({ length: periods + 1 - first }, (_, index) => (index + first === 0 ? `same ${unit}` : `${unit} ${index + first}`)) },
    yAxis: { type: "value", min: 0, splitNumber: 3, axisLabel: { formatter: (value: number) => (show === "share" ? `${decimal(value, 0)}%` : exact(value)) } },
    tooltip: { trigger: "item", formatter: (at: { seriesName: string; value: number; name: string }) => `${escaped(at.seriesName)}, ${escaped(at.name)}<br><b>${escaped(written(at.value))}</b>` },
    series: lines.flatMap((line, index) => {
      const values = ended(line.values.slice(first));
      if (values.length === 0) return [];
      return [{
        type: "line",
        name: line.name,
        data: values,
        symbol: "circle",
        symbolSize: 4,
        showSymbol: line.strong,
        lineStyle: line.strong ? { width: 1.75, ...(parted ? {} : { color: tokens("ink") }) } : { width: 1, color: tokens("ink-4") },
        itemStyle: parted ? {} : { color: line.strong ? tokens("ink") : tokens("ink-4") },
        z: line.strong ? 3 : 2,
        endLabel: { show: line.strong || index === lines.length - 1, formatter: line.name, color: tokens(line.strong ? "ink" : "ink-3"), fontSize: 12 },
      }];
    }),
  };
}

/** Up to the last value that there is: a line ends where its label stands. */
function ended(values: readonly (number | null)[]): readonly (number | null)[] {
  return values.slice(0, values.findLastIndex((value) => value !== null) + 1);
}
