/** The trend as lines: final periods solid, open ones dotted, the earlier time a thin dotted line, the unusual ringed. */
import type { EChartsCoreOption } from "echarts/core";
import { escaped, type Tokens } from "../../parts/chart";
import { isClass, TOKEN } from "../../parts/classes";
import { day } from "../../words/times";
import { compared, keyOf, nameOf, written, type Line, type Point } from "./figures";
import type { Question } from "./question";

/** Lines that are drawn; the rest stand in the table. */
export const MOST_LINES = 5;

/** Units whose periods an axis names by their first day. */
const DAYS = new Set(["day", "week"]);

const isOpen = (point: Point): boolean => point.unfinished || point.partial;
const numberOf = (value: Point["value"]): number | null => (value === null ? null : Number(value));

export interface Drawn {
  lines: readonly Line[];
  question: Question;
  currency: string;
  zone: string;
}

export function optionOf({ lines, question, currency, zone }: Drawn, tokens: Tokens): EChartsCoreOption {
  const points = lines[0]?.points ?? [];
  const beside = question.beside !== null && lines.length === 1 && compared(points).length > 0 ? besideOf(points, tokens, question.beside) : [];
  return {
    grid: { left: 8, right: 120, top: 12, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: points.map((point) => (DAYS.has(question.unit) ? day(point.begin, zone) : point.label)), boundaryGap: false },
    yAxis: { type: "value", min: 0 },
    series: [...lines.flatMap((line, place) => drawnOf(line, colourOf(line, place, question.split, tokens), question, tokens)), ...beside],
    tooltip: { trigger: "axis", formatter: (shown: { dataIndex: number }[]) => told(shown[0]?.dataIndex ?? -1, lines, question, currency) },
  };
}

function colourOf(line: Line, place: number, split: string | null, tokens: Tokens): string {
  if (split === null) return tokens("ink");
  if (split === "class" && line.value !== null && isClass(line.value)) return tokens(TOKEN[line.value]);
  return tokens(["cat-1", "cat-2", "cat-3", "cat-4", "cat-other"][place] ?? "cat-other");
}

/** Two series a line, of one name: what is final, and what goes on from it, open. */
function drawnOf(line: Line, colour: string, question: Question, tokens: Tokens): object[] {
  const { points } = line;
  const lastOpen = points.at(-1) !== undefined && isOpen(points.at(-1) as Point);
  const label = { show: true, formatter: nameOf(line, question.split, question.figure), color: question.split === null ? tokens("ink") : tokens("ink-2"), fontSize: 12, distance: 8, width: 104, overflow: "truncate" };
  const dot = (point: Point, last: boolean): object => {
    const ringed = point.verdict?.unusual ?? false;
    const seen = ringed || last;
    const look = ringed ? { color: tokens("paper"), borderColor: tokens("signal"), borderWidth: 2 } : { color: isOpen(point) ? tokens("paper") : colour, borderColor: colour, borderWidth: 1.5 };
    return { value: numberOf(point.value), symbolSize: ringed ? 9 : seen ? 6 : 14, itemStyle: { ...look, opacity: seen ? 1 : 0 } };
  };
  const series = (data: unknown[], look: object, labelled: boolean): object => ({
    type: "line",
    name: keyOf(line),
    data,
    symbol: "circle",
    showSymbol: true,
    showAllSymbol: true,
    lineStyle: { width: 1.75, color: colour, ...look },
    labelLayout: { moveOverlap: "shiftY" },
    ...(labelled ? { endLabel: label } : {}),
  });
  const final = points.map((point, index) => (isOpen(point) ? null : dot(point, index === points.length - 1)));
  const open = points.map((point, index) => {
    const touches = isOpen(point) || [points[index - 1], points[index + 1]].some((near) => near !== undefined && isOpen(near));
    return touches ? { ...dot(point, index === points.length - 1), ...(isOpen(point) ? {} : { symbol: "none" }) } : null;
  });
  return [series(final, {}, !lastOpen), ...(points.some(isOpen) ? [series(open, { type: "dotted", width: 1.25 }, lastOpen)] : [])];
}

function besideOf(points: readonly Point[], tokens: Tokens, beside: "before" | "year"): object[] {
  return [
    {
      type: "line",
      name: "beside",
      data: points.map((point) => numberOf(point.beside)),
      symbol: "none",
      silent: true,
      lineStyle: { width: 1, type: "dotted", color: tokens("ink-3") },
      labelLayout: { moveOverlap: "shiftY" },
      endLabel: { show: true, formatter: beside === "year" ? "a year before" : "the time before", color: tokens("ink-3"), fontSize: 12, distance: 8 },
    },
  ];
}

function told(index: number, lines: readonly Line[], question: Question, currency: string): string {
  const first = lines[0]?.points[index];
  if (!first) return "";
  const rows = lines.map((line) => {
    const point = line.points[index];
    return `${escaped(nameOf(line, question.split, question.figure))} <b>${point ? written(point.value, question.figure, currency) : "–"}</b>`;
  });
  if (question.beside !== null && lines.length === 1) rows.push(`${escaped(first.beside_label ?? "before")} ${written(first.beside, question.figure, currency)}`);
  if (first.verdict?.unusual) rows.push("unusual for its like");
  if (isOpen(first)) rows.push(first.unfinished ? "open: more may come" : "the range begins or ends within it");
  return [`<b>${escaped(first.label)}</b>`, ...rows, "click: who they are"].join("<br>");
}
