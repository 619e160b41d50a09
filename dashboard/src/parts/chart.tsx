/**
 * One chart (ECharts, SVG): the shared look, and for every chart the table behind it, a copy, a CSV and a PNG.
 * Charts never animate. Their colours are read from the tokens when they are drawn, and again when the theme turns.
 */
import type { EChartsCoreOption, EChartsType } from "echarts/core";
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from "react";
import { useTheme } from "../frame/theme";
import { download } from "./download";
import { Table, type Column } from "./table";
import { TableActions } from "./table_actions";

/** A token's value now: `ink("class name")` is not known here, so charts take `token("engaged-tint")`. */
export type Tokens = (name: string) => string;
const token: Tokens = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

interface ChartProps<Row> {
  /** What a reader hears instead: the finding, or what is measured. */
  label: string;
  /** Draws it: called with the tokens of the present theme. */
  option(tokens: Tokens): EChartsCoreOption;
  /** The rows behind it, shown as a table and downloaded. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  height?: number;
  /** The name of downloaded files, without their ending. */
  file: string;
  /** What a click on a mark means; gets what ECharts says of it. */
  onPick?(picked: Picked): void;
  /** The same of a row of the table, and how many people or sessions it opens. */
  open?: (row: Row) => void;
  figure?: (row: Row) => number;
  /** Stands beside the chart's own actions. */
  actions?: ReactNode;
}

export interface Picked {
  seriesName: string;
  seriesIndex: number;
  dataIndex: number;
  name: string;
  data: unknown;
}

export function Chart<Row>(props: ChartProps<Row>) {
  const { label, columns, rows, rowKey, height = 220, file, open, figure } = props;
  const opening = { ...(open && { open }), ...(figure && { figure }) };
  const [asTable, setAsTable] = useState(false);
  const drawn = useRef<EChartsType | null>(null);
  const id = useId();
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption id={id} className="sr">
        {label}
      </figcaption>
      {asTable ? (
        <Table caption={label} columns={columns} rows={rows} rowKey={rowKey} {...opening} dense />
      ) : (
        <Drawing {...props} height={height} drawn={drawn} />
      )}
      <div className="chart-actions">
        {props.actions}
        <button type="button" className="link" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? "As chart" : "As table"}
        </button>
        <TableActions columns={columns} rows={rows} file={file} />
        {!asTable && (
          <button type="button" className="link" onClick={() => void savePicture(drawn.current, file)}>
            PNG
          </button>
        )}
      </div>
    </figure>
  );
}

function Drawing<Row>({ option, label, height, drawn, onPick }: ChartProps<Row> & { drawn: React.RefObject<EChartsType | null> }) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const [ready, setReady] = useState(false);
  const pick = useRef(onPick);
  useEffect(() => {
    pick.current = onPick;
  });
  useEffect(() => {
    let gone = false;
    let observer: ResizeObserver | undefined;
    void import("./echarts").then(({ init }) => {
      if (gone || !place.current) return;
      const chart = init(place.current, null, { renderer: "svg" });
      drawn.current = chart;
      chart.on("click", (event) => pick.current?.(event as unknown as Picked));
      observer = new ResizeObserver(() => chart.resize());
      observer.observe(place.current);
      setReady(true);
    });
    return () => {
      gone = true;
      observer?.disconnect();
      drawn.current?.dispose();
      drawn.current = null;
    };
  }, [drawn]);
  const made = useMemo(() => ({ option: styled(option(token), token), theme }), [option, theme]);
  useEffect(() => {
    if (ready) drawn.current?.setOption(made.option, { notMerge: true });
  }, [made, ready, drawn]);
  return <div ref={place} role="img" aria-label={label} className="drawing" style={{ height }} />;
}

type Axis = Record<string, unknown>;

/** The shared look under what a chart asks for. */
function styled(option: EChartsCoreOption, tokens: Tokens): EChartsCoreOption {
  const text = { color: tokens("ink-3"), fontSize: 11, fontFamily: "Instrument Sans Variable", hideOverlap: true };
  const value: Axis = { axisLine: { show: false }, axisTick: { show: false }, axisLabel: text, splitNumber: 4, splitLine: { lineStyle: { color: tokens("rule") } } };
  const line = { lineStyle: { color: tokens("rule-2") } };
  const along: Axis = { ...value, splitLine: { show: false }, axisTick: { show: true, length: 4, ...line }, axisLine: { show: true, ...line } };
  const axes = (given: unknown, base: Axis): unknown =>
    given === undefined ? undefined : Array.isArray(given) ? given.map((one) => under(base, one as Axis)) : under(base, given as Axis);
  return {
    animation: false,
    textStyle: { fontFamily: "Instrument Sans Variable" },
    color: ["ink", "cat-2", "cat-3", "cat-4", "cat-other"].map(tokens),
    grid: { left: 8, right: 12, top: 12, bottom: 4, outerBounds: undefined, containLabel: true },
    ...option,
    ...(option["tooltip"] === undefined ? {} : { tooltip: under(floating(tokens), option["tooltip"] as Axis) }),
    series: labelled(option["series"]),
    xAxis: axes(option["xAxis"], along),
    yAxis: axes(option["yAxis"], value),
  };
}

/** A line without any value has no end that a label could stand at; ECharts would put it nowhere. */
function labelled(series: unknown): unknown {
  if (!Array.isArray(series)) return series;
  return series.map((one: Axis) => (one["endLabel"] && !(one["data"] as readonly unknown[]).some(isValue) ? { ...one, endLabel: { show: false } } : one));
}

const isValue = (point: unknown): boolean => {
  const value: unknown = isPlain(point) ? point["value"] : point;
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return last !== null && last !== undefined && last !== "-";
};

function floating(tokens: Tokens): Axis {
  return {
    backgroundColor: tokens("raised"),
    borderColor: tokens("rule"),
    borderRadius: 8,
    padding: [8, 12],
    textStyle: { color: tokens("ink"), fontSize: 12, fontFamily: "Instrument Sans Variable" },
    extraCssText: "box-shadow: var(--shadow-1)",
    transitionDuration: 0,
    confine: true,
  };
}

/** `over` on top of `base`, objects within objects too. */
function under(base: Axis, over: Axis): Axis {
  const made: Axis = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = made[key];
    const both = isPlain(below) && isPlain(value);
    made[key] = both ? under(below, value) : value;
  }
  return made;
}

const isPlain = (value: unknown): value is Axis => typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;

async function savePicture(chart: EChartsType | null, file: string): Promise<void> {
  if (!chart) return;
  const [width, height] = [chart.getWidth() * 2, chart.getHeight() * 2];
  const image = new Image();
  image.src = chart.getDataURL({ type: "svg" });
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = token("paper");
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  canvas.toBlob((blob) => blob && download(`${file}.png`, blob));
}

/** Text from outside, safe in a tooltip's HTML: every tooltip is HTML, and names of events and pages are anybody's. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
