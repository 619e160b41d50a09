/** Sessions by the five minutes of their last event, stacked by class; the open window is a dotted outline. */
import { Chart, escaped, type Tokens } from "../../parts/chart";
import { CLASSES, className, TOKEN } from "../../parts/classes";
import type { Column } from "../../parts/table";
import { exact, percent } from "../../words/numbers";
import { clock } from "../../words/times";
import { apart, roundUp, WINDOW_MS, type Window } from "./windows";

function columns(zone: string): Column<Window>[] {
  return [
    { key: "window", head: "Window", cell: (one) => clock(one.start, zone), sort: (one) => one.start, plain: (one) => new Date(one.start).toISOString() },
    ...CLASSES.map((each): Column<Window> => ({ key: each, head: className(each), cell: (one) => exact(one.counts[each]), sort: (one) => one.counts[each], figure: true })),
    { key: "sessions", head: "Sessions", cell: (one) => exact(one.total), sort: (one) => one.total, figure: true },
  ];
}

const UPWARDS = [...CLASSES].reverse();
const LABEL_PX = 17;

export function Distribution({ windows, zone, narrow }: { windows: readonly Window[]; zone: string; narrow: boolean }) {
  return (
    <Chart
      label="Sessions by class, in windows of five minutes by their last event"
      option={(token) => drawn(windows, zone, token, narrow)}
      columns={columns(zone)}
      rows={windows}
      rowKey={(one) => String(one.start)}
      file="classes-by-5-minutes"
      height={narrow ? 180 : 204}
    />
  );
}

function drawn(windows: readonly Window[], zone: string, token: Tokens, narrow: boolean): Record<string, unknown> {
  const closed = windows.slice(0, -1);
  const [last, open] = [closed.at(-1), windows.at(-1)];
  const end = open?.start ?? 0;
  const total = last?.total ?? 0;
  const most = roundUp(Math.max(...windows.map((one) => one.total)));
  const plot = (narrow ? 180 : 204) - 42;
  let below = 0;
  const tops = UPWARDS.map((each) => plot * (1 - (below += last?.counts[each] ?? 0) / most));
  const labels = apart(tops, LABEL_PX);
  return {
    grid: { left: 4, right: narrow ? 74 : 150, top: 14, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", formatter: (at: readonly { dataIndex: number }[]) => tooltip(windows[at[0]?.dataIndex ?? 0], zone) },
    xAxis: { type: "time", min: closed[0]?.start, max: end + WINDOW_MS, axisLabel: { formatter: (at: number) => clock(at, zone) } },
    yAxis: { type: "value", minInterval: 1, max: most },
    series: [
      ...UPWARDS.map((each, at) => ({
        type: "line",
        name: className(each),
        stack: "classes",
        step: "end",
        symbol: "none",
        data: [...closed.map((one) => [one.start, one.counts[each]]), [end, last?.counts[each] ?? 0]],
        lineStyle: { width: 1.75, color: token(TOKEN[each]) },
        areaStyle: { color: token(`${TOKEN[each]}-tint`), opacity: 1 },
        endLabel: {
          show: true,
          distance: narrow ? 16 : 34,
          offset: [0, (labels[at] ?? 0) - (tops[at] ?? 0)],
          formatter: () => (narrow ? className(each).split(" ")[0] : `{name|${className(each)}} ${total >= 30 ? percent((100 * (last?.counts[each] ?? 0)) / total, 1) : exact(last?.counts[each] ?? 0)}`),
          color: narrow ? token(`${TOKEN[each]}-text`) : token("ink-3"),
          fontSize: 12,
          rich: { name: { color: token(`${TOKEN[each]}-text`), fontWeight: 550, fontSize: 12 } },
        },
        emphasis: { disabled: true },
      })),
      ...(open ? outlined(open, token) : []),
    ],
  };
}

/** The window that goes on: never drawn as if it were final. */
function outlined(open: Window, token: Tokens): Record<string, unknown>[] {
  const end = open.start + WINDOW_MS;
  let height = 0;
  return UPWARDS.map((each, at) => {
    const below = height;
    height += open.counts[each];
    const top = at === UPWARDS.length - 1;
    return {
      type: "line",
      name: `${className(each)}, open`,
      symbol: "none",
      silent: true,
      data: [
        [open.start, below],
        [open.start, height],
        [end, height],
        [end, below],
      ],
      lineStyle: { width: 1.25, type: [1, 2], color: token(TOKEN[each]) },
      ...(top ? { markPoint: { symbol: "circle", symbolSize: 1, itemStyle: { opacity: 0 }, data: [{ coord: [open.start + WINDOW_MS / 2, height] }], label: { show: true, formatter: "open", position: "top", distance: 3, color: token("ink-3"), fontSize: 11 } } } : {}),
    };
  });
}

function tooltip(window: Window | undefined, zone: string): string {
  if (!window) return "";
  const rows = CLASSES.map((each) => `${escaped(className(each))} ${exact(window.counts[each])}`);
  return [`<b>${clock(window.start, zone)} to ${clock(window.start + WINDOW_MS, zone)}: ${exact(window.total)}</b>`, ...rows].join("<br>");
}
