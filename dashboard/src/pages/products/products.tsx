/** Which products and categories are looked at, put into carts and bought, and what they bring. */
import { useCallback, useMemo } from "react";
import type { Schema } from "../../api/client";
import { Chart, escaped, type Picked, type Tokens } from "../../parts/chart";
import { exact, money, percent } from "../../words/numbers";
import { Breakdown, type BreakdownPage, type Drawn } from "../breakdown/breakdown";
import { FEW, type Figure } from "../breakdown/figures";
import { deviations, wilson } from "../breakdown/interval";

type ProductRow = Schema<"ProductRow">;
const SHOWN = 8;

const FIGURES: readonly Figure<ProductRow>[] = [
  { key: "views", head: "Views", means: "How often it was looked at.", as: "count", wide: true },
  { key: "viewers", head: "Viewed by", means: "Different people who looked at it.", as: "count", counts: "people", wide: true },
  { key: "carters", head: "Carted by", means: "Different people who put it into a cart.", as: "count", counts: "people", wide: true },
  { key: "buyers", head: "Bought by", means: "Different people who bought it.", as: "count", counts: "people" },
  { key: "view_to_cart_rate", head: "View to cart", means: "Carts in percent of the views.", as: "percent", of: ["carts", "views"], wide: true },
  { key: "cart_to_purchase_rate", head: "Cart to sale", means: "Sales in percent of the carts.", as: "percent", of: ["purchases", "carts"], wide: true },
  { key: "overall_conversion_rate", head: "View to sale", means: "Sales in percent of the views.", as: "percent", of: ["purchases", "views"], wide: true },
  { key: "purchases", head: "Sales", means: "Sales that it was part of; of one order in a session only the first.", as: "count", wide: true },
  { key: "revenue", head: "Revenue", means: "Money of these sales, in the project's currency.", as: "money" },
];

/** Rows come in order of their revenue, so the first one earns the most for certain. */
function headline({ found, name }: Drawn<ProductRow>): string {
  const [first] = found.rows;
  const [whole, part] = [Number(found.total.revenue ?? 0), Number(first?.revenue ?? 0)];
  if (!first || whole <= 0 || part <= 0) return `Looked at by ${exact(found.total.viewers)} people, bought by nobody yet.`;
  return `${name(first)} earns the most: ${money(part, found.currency)}, ${percent((100 * part) / whole)} of all that was sold.`;
}

/** The product whose viewers buy least, when that is no chance: its interval lies below the share of all shown ones. */
function finding({ found, name }: Drawn<ProductRow>): string | null {
  const rows = found.rows.slice(0, SHOWN).filter((row) => row.viewers >= FEW && row.buyers <= row.viewers);
  const sum = (of: (row: ProductRow) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const usual = (100 * sum((row) => row.buyers)) / sum((row) => row.viewers);
  const below = rows.filter((row) => wilson(row.buyers, row.viewers, deviations(rows.length))[1] < usual);
  const [least] = below.sort((one, other) => one.buyers / one.viewers - other.buyers / other.viewers);
  return least ? `${name(least)} is looked at by ${exact(least.viewers)} people and bought by ${exact(least.buyers)}` : null;
}

function Steps({ drawn }: { drawn: Drawn<ProductRow> }) {
  const rows = useMemo(() => drawn.found.rows.slice(0, SHOWN), [drawn.found.rows]);
  const option = useCallback(
    (token: Tokens) => {
      const bar = (key: "viewers" | "carters" | "buyers", style: Record<string, unknown>) => ({
        ...{ name: key, type: "bar", barWidth: 12, barGap: "-100%", data: rows.map((row) => row[key]) },
        itemStyle: { borderRadius: 1, ...style },
      });
      const label = { show: true, position: "right", color: token("ink-2"), fontSize: 11, formatter: ({ dataIndex }: Picked) => inSteps(rows[dataIndex]) };
      return {
        grid: { left: 8, right: 120, top: 4, bottom: 4, containLabel: true },
        xAxis: { type: "value", show: false },
        yAxis: { type: "category", inverse: true, data: rows.map(drawn.name), axisLabel: { width: 150, overflow: "truncate", color: token("ink") } },
        tooltip: { trigger: "item", formatter: ({ dataIndex }: Picked) => tip(rows[dataIndex], drawn) },
        series: [{ ...bar("viewers", { color: token("paper-3") }), label }, bar("carters", { color: token("ink-4") }), bar("buyers", { color: token("ink") })],
      };
    },
    [rows, drawn],
  );
  const columns = useMemo(
    () => [
      { key: drawn.dimension.one, head: drawn.dimension.one, cell: drawn.name, sort: drawn.name },
      ...(["viewers", "carters", "buyers"] as const).map((key) => ({ key, head: key, figure: true, cell: (row: ProductRow) => exact(row[key]), sort: (row: ProductRow) => row[key] })),
    ],
    [drawn],
  );
  const pick = ({ seriesName, dataIndex }: Picked): void => {
    if (seriesName === "viewers" || seriesName === "carters" || seriesName === "buyers") drawn.open(seriesName, rows[dataIndex] ?? null);
  };
  return <Chart label={`People who looked at, carted and bought each ${drawn.dimension.one}`} option={option} columns={columns} rows={rows} rowKey={(row) => row.value ?? ""} height={rows.length * 30 + 12} file="viewed-carted-bought" onPick={pick} />;
}

const inSteps = (row: ProductRow | undefined): string => (row ? `${exact(row.viewers)} › ${exact(row.carters)} › ${exact(row.buyers)}` : "");

function tip(row: ProductRow | undefined, { name, found }: Drawn<ProductRow>): string {
  if (!row) return "";
  return `<b>${escaped(name(row))}</b><br>${exact(row.viewers)} people looked, ${exact(row.carters)} carted, ${exact(row.buyers)} bought<br>${exact(row.purchases)} sales, ${escaped(money(row.revenue, found.currency))}<br>Click to list them`;
}

const PAGE: BreakdownPage<ProductRow> = {
  name: "Products",
  most: "best-selling",
  by: "revenue",
  dimensions: [
    { value: "products", one: "product", unknown: "no product id" },
    { value: "categories", one: "category", unknown: "no category" },
  ],
  figures: FIGURES,
  totals: ["viewers", "carters", "buyers", "purchases", "overall_conversion_rate", "revenue"],
  headline,
  chart: {
    plain: "Viewed, carted, bought",
    subtitle: "people: pale looked at it, grey put it into a cart, black bought it",
    finding,
    draw: (drawn) => <Steps drawn={drawn} />,
  },
};

export default function Products() {
  return <Breakdown page={PAGE} />;
}
