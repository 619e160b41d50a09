/** What each class looks at, buys and is worth; its number of sessions opens them. */
import type { Schema } from "../../api/client";
import { ClassChip } from "../../parts/class_chip";
import { className } from "../../parts/classes";
import { Table, type Column } from "../../parts/table";
import { exact, money, percent } from "../../words/numbers";
import { duration } from "../../words/times";

export type Row = Schema<"ClassWorth">;

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const part = (value: number, whole: number): string => (whole > 0 ? percent((100 * value) / whole) : "–");

export function Worth({ answer, opened, open }: { answer: Schema<"Conversion">; opened: string | null; open(visitorClass: string): void }) {
  const { items, currency } = answer;
  const all = sum(items.map((row) => row.total_sessions));
  const taken = sum(items.map((row) => Number(row.total_revenue)));
  const figure = (key: string, head: string, value: (row: Row) => number | null, cell: (row: Row) => string, wide = true): Column<Row> => ({ key, head, figure: true, wide, sort: value, cell });
  const columns: readonly Column<Row>[] = [
    { key: "class", head: "Class", cell: (row) => <ClassChip of={row.visitor_class} />, plain: (row) => row.visitor_class },
    figure("sessions", "Sessions", (row) => row.total_sessions, (row) => exact(row.total_sessions), false),
    figure("share", "Of all", (row) => row.total_sessions, (row) => part(row.total_sessions, all), false),
    figure("users", "Users", (row) => row.unique_users, (row) => exact(row.unique_users)),
    figure("duration", "Average length", (row) => row.avg_session_duration, (row) => duration(Math.round(60 * row.avg_session_duration))),
    figure("view_to_cart", "Carts of views", (row) => row.view_to_cart_rate ?? null, (row) => percent(row.view_to_cart_rate)),
    figure("cart_to_purchase", "Orders of carts", (row) => row.cart_to_purchase_rate ?? null, (row) => percent(row.cart_to_purchase_rate)),
    figure("purchases", "Orders", (row) => row.total_purchases, (row) => exact(row.total_purchases)),
    figure("order", "Average order", (row) => (row.avg_order_value === null || row.avg_order_value === undefined ? null : Number(row.avg_order_value)), (row) => (row.avg_order_value === null || row.avg_order_value === undefined ? "no order" : money(row.avg_order_value, currency))),
    figure("revenue", "Revenue", (row) => Number(row.total_revenue), (row) => money(row.total_revenue, currency)),
    figure("revenue_share", "Of all", (row) => Number(row.total_revenue), (row) => part(Number(row.total_revenue), taken)),
  ];
  return <Table caption="Classes and what they are worth" columns={columns} rows={items} rowKey={(row) => row.visitor_class} figure={(row) => row.total_sessions} open={(row) => open(row.visitor_class)} selected={opened} />;
}

/** `Engaged shoppers are 14% of the sessions and bring 47% of the revenue.` Of the class that brings most. */
export function finding({ items }: Schema<"Conversion">): string {
  const [all, taken] = [sum(items.map((row) => row.total_sessions)), sum(items.map((row) => Number(row.total_revenue)))];
  const by = taken > 0 ? (row: Row) => Number(row.total_revenue) : (row: Row) => row.total_sessions;
  const most = items.reduce<Row | null>((best, row) => (best === null || by(row) > by(best) ? row : best), null);
  if (!most || all === 0) return "No session began in this range.";
  const name = `${className(most.visitor_class)}s`;
  const said = all < 30 ? `${exact(most.total_sessions)} of ${exact(all)} sessions` : `${percent((100 * most.total_sessions) / all, 0)} of the sessions`;
  const brings = taken > 0 ? ` and bring ${percent((100 * by(most)) / taken, 0)} of the revenue` : "";
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} are ${said}${brings}.`;
}
