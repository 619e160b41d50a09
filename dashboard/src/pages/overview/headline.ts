/** The headline: how the span went, from what is certain of it. */
import { exact, money } from "../../words/numbers";
import { change, difference } from "./certainty";
import { sum, type Facts } from "./findings";

/** `A good week: fewer visits, bigger baskets.` What no interval bears out is not said. */
export function headlineOf(facts: Facts): string {
  const { revenue, purchases, sessions, span } = facts;
  const taken = sum(revenue.now);
  const orders = sum(purchases.now);
  const plain = orders ? `${money(taken, facts.currency)} from ${exact(orders)} ${orders === 1 ? "order" : "orders"} in ${exact(sum(sessions.now))} sessions.` : `${exact(sum(sessions.now))} sessions, and no order yet.`;
  if (sum(sessions.before) === 0) return plain;
  const moved = changes(facts);
  const whole = change(revenue.now, revenue.before);
  if (whole) return [`${whole.estimate > 0 ? "A good" : "A weaker"} ${span}`, moved.join(", ")].filter(Boolean).join(": ") + ".";
  if (orders === 0) return plain;
  if (moved.length === 0) return `No clear change from the ${span} before: ${plain}`;
  return `Revenue much like the ${span} before, with ${moved.join(" and ")}.`;
}

function changes({ revenue, purchases, sessions }: Facts): string[] {
  const visits = change(sessions.now, sessions.before);
  const buyers = difference({ hits: sum(purchases.now), of: sum(sessions.now) }, { hits: sum(purchases.before), of: sum(sessions.before) });
  const baskets = change(average(revenue.now, purchases.now), average(revenue.before, purchases.before));
  return [
    visits && (visits.estimate > 0 ? "more visits" : "fewer visits"),
    buyers && (buyers.estimate > 0 ? "more orders per visit" : "fewer orders per visit"),
    baskets && (baskets.estimate > 0 ? "bigger baskets" : "smaller baskets"),
  ].filter((said): said is string => typeof said === "string");
}

/** The average order of each day; a day without one tells nothing, so then no day does. */
function average(money: readonly number[], orders: readonly number[]): number[] {
  return orders.every((count) => count > 0) ? money.map((value, index) => value / (orders[index] ?? 1)) : [];
}
