/** How the sessions that ended in each five minutes spread over the classes: steps, the open window dotted. */
import { useMemo } from "react";
import { Chart, escaped, type Picked, type Tokens } from "../../parts/chart";
import { CLASSES, className, TOKEN } from "../../parts/classes";
import type { Column } from "../../parts/table";
import { useProject } from "../../state/project";
import { exact } from "../../words/numbers";
import { clock } from "../../words/times";
import { total, type Window } from "./windows";

export function Distribution({ windows, open }: { windows: readonly Window[]; open(window: Window): void }) {
  const { zone } = useProject();
  const columns: readonly Column<Window>[] = [
    { key: "window", head: "Window", cell: (row) => `${clock(row.begin, zone)} to ${clock(row.end, zone)}${row.open ? ", open" : ""}`, plain: (row) => row.begin },
    ...CLASSES.map((each): Column<Window> => ({ key: each, head: className(each), figure: true, cell: (row) => exact(row.counts[each]), plain: (row) => row.counts[each] })),
    {
      key: "all",
      head: "All",
      figure: true,
      cell: (row) => (
        <button type="button" className="link" data-figure={total(row)} onClick={() => open(row)}>
          {exact(total(row))}
        </button>
      ),
      plain: total,
    },
  ];
  const option = useMemo(() => (tokens: Tokens) => drawing(tokens, windows, zone), [windows, zone]);
  const pick = ({ dataIndex }: Picked): void => {
    const window = windows[dataIndex];
    if (window) open(window);
  };
  return <Chart label="Sessions that ended, by class" option={option} columns={columns} rows={windows} rowKey={(row) => row.begin} file="classes" height={260} onPick={pick} />;
}

const DOWN = [...CLASSES].reverse(); // from below: power, engaged, browser, bouncer

function drawing(tokens: Tokens, windows: readonly Window[], zone: string) {
  const labels = windows.map((window) => clock(window.begin, zone));
  const last = windows.length - 1;
  return {
    grid: { left: 0, right: 12, top: 20, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: labels, axisLabel: { interval: Math.ceil(windows.length / 8) } },
    yAxis: { type: "value", min: 0, minInterval: 1, splitNumber: 3 },
    tooltip: {
      trigger: "axis",
      formatter: (at: { dataIndex: number }[]) => {
        const window = windows[at[0]?.dataIndex ?? -1];
        if (!window) return "";
        const rows = CLASSES.map((each) => `${escaped(className(each))}: <b>${exact(window.counts[each])}</b>`);
        return [`${clock(window.begin, zone)} to ${clock(window.end, zone)}${window.open ? ", open" : ""}: <b>${exact(total(window))}</b>`, ...rows, "Click opens them"].join("<br>");
      },
    },
    series: DOWN.map((each) => ({
      type: "bar",
      name: className(each),
      stack: "sessions",
      barCategoryGap: "0%",
      data: windows.map((window, index) => ({
        value: window.counts[each],
        itemStyle: window.open ? { color: "transparent", borderColor: tokens(TOKEN[each]), borderType: "dotted", borderWidth: 1 } : { color: tokens(`${TOKEN[each]}-tint`), borderColor: tokens(TOKEN[each]), borderWidth: 0.75 },
        label: { show: window.open && index === last && each === CLASSES[0], position: "top", formatter: "open", color: tokens("ink-3"), fontSize: 11 },
      })),
    })),
  };
}
