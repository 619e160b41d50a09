/** What arrived by hour or day; the table behind it has what became of it. */
import { Chart, escaped } from "../../parts/chart";
import type { Column } from "../../parts/table";
import { exact, plural } from "../../words/numbers";
import { clock, day } from "../../words/times";
import type { Books } from "./figures";

type Period = Books["periods"][number];

const FIGURES = ["received", "duplicates", "bots", "rejected", "counted", "late"] as const;

const COLUMNS: readonly Column<Period>[] = [
  { key: "when", head: "When", cell: (row) => row.label, sort: (row) => row.label },
  ...FIGURES.map((name): Column<Period> => ({ key: name, head: name, cell: (row) => exact(row[name]), sort: (row) => row[name], figure: true, wide: name === "late" || name === "bots" })),
];

export function OverTime({ books }: { books: Books }) {
  const { periods, total, zone } = books;
  const short = (period: Period): string => (books.unit === "hour" ? clock(period.begin, zone) : day(period.begin, zone));
  return (
    <Chart
      label={`What arrived over time, ${plural(total.received, "event", "events")} in all`}
      file="data-health"
      columns={COLUMNS}
      rows={periods}
      rowKey={(row) => row.begin}
      height={200}
      option={() => ({
        xAxis: { type: "category", data: periods.map(short) },
        yAxis: { type: "value", minInterval: 1 },
        tooltip: { trigger: "axis", formatter: (shown: readonly { dataIndex: number }[]) => told(periods[shown[0]?.dataIndex ?? -1]) },
        series: [{ type: "bar", data: periods.map((period) => period.received), barMaxWidth: 12, itemStyle: { borderRadius: 1 } }],
      })}
    />
  );
}

function told(period: Period | undefined): string {
  if (!period) return "";
  return [`<b>${escaped(period.label)}</b>`, ...FIGURES.map((name) => escaped(`${name} ${exact(period[name])}`))].join("<br>");
}
