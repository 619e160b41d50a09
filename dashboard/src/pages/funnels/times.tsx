/** The share of those who began in each period that took every step. A period in which somebody can still get further is open. */
import type { Schema } from "../../api/client";
import { Chart, escaped, type Tokens } from "../../parts/chart";
import type { Column } from "../../parts/table";
import { exact, percent } from "../../words/numbers";
import type { Opened, Question } from "./question";

type Period = Schema<"FunnelPeriod">;

const COLUMNS: readonly Column<Period>[] = [
  { key: "period", head: "Period", cell: (one) => one.label, sort: (one) => one.begin, plain: (one) => one.label },
  { key: "entered", head: "Began", figure: true, cell: (one) => exact(one.entered), sort: (one) => one.entered },
  { key: "converted", head: "Took every step", figure: true, cell: (one) => exact(one.converted), sort: (one) => one.converted },
  { key: "rate", head: "Share", figure: true, cell: (one) => percent(one.rate), sort: (one) => one.rate },
  { key: "unfinished", head: "", cell: (one) => (one.unfinished ? "open" : ""), plain: (one) => (one.unfinished ? "open" : "") },
];

interface TimesProps {
  answer: Schema<"Funnel">;
  question: Question;
  open(opened: Opened): void;
}

export function Times({ answer, question, open }: TimesProps) {
  const periods = answer.rows[0]?.trend ?? [];
  const pick = (period: Period | undefined): void => {
    if (period && period.converted > 0) open({ at: question.steps.length, dropped: false, part: null, period: period.begin });
  };
  return (
    <Chart
      label={`Share of those who began that took every step, by ${question.unit}`}
      option={(tokens) => optionOf(periods, tokens)}
      columns={COLUMNS}
      rows={periods}
      rowKey={(one) => one.begin}
      file="funnel-over-time"
      onPick={(picked) => pick(periods[picked.dataIndex])}
      open={(period: Period) => pick(period)}
      figure={(one) => one.converted}
    />
  );
}

/** What is final is a line; what is open goes on from it, dotted. */
function optionOf(periods: readonly Period[], tokens: Tokens) {
  const closed = periods.map((one) => (one.unfinished ? null : one.rate));
  const open = periods.map((one, index) => (one.unfinished || periods[index + 1]?.unfinished ? one.rate : null));
  const line = (name: string, data: readonly (number | null)[], look: object): object => ({ type: "line", name, data, connectNulls: false, symbol: "circle", symbolSize: 5, showSymbol: periods.length < 40, ...look });
  return {
    xAxis: { type: "category", data: periods.map((one) => one.label), boundaryGap: false },
    yAxis: { type: "value", min: 0, axisLabel: { formatter: "{value}%" } },
    series: [
      line("took every step", closed, { lineStyle: { width: 1.75, color: tokens("ink") }, itemStyle: { color: tokens("ink") } }),
      line("open", open, { lineStyle: { width: 1.25, type: "dotted", color: tokens("ink-3") }, itemStyle: { color: tokens("paper"), borderColor: tokens("ink-3"), borderWidth: 1.25 } }),
    ],
    tooltip: { trigger: "axis", formatter: (shown: { dataIndex: number }[]) => told(periods[shown[0]?.dataIndex ?? -1]) },
  };
}

function told(period: Period | undefined): string {
  if (!period) return "";
  const open = period.unfinished ? "<br>open: some of them can still get further" : "";
  return `<b>${escaped(period.label)}</b><br>${exact(period.converted)} of ${exact(period.entered)}, ${percent(period.rate)}${open}<br>click: who they are`;
}
