/** What happened in a session, in sentences: only what its events and figures say. */
import type { Schema } from "../../api/client";
import { exact, money, plural } from "../../words/numbers";
import { duration } from "../../words/times";

type Session = Schema<"SessionItem">;
type Event = Schema<"EventItem">;

const once = (count: number, one: string, many: string): string => (count === 1 ? one : `${exact(count)} ${many}`);

/** `Looked at 8 products, filled a cart and ordered for €57.80 in 34 minutes.` */
export function headlineOf(session: Session, currency: string): string {
  const did: string[] = [];
  if (session.view_count) did.push(`looked at ${once(session.unique_products || session.view_count, "one product", session.unique_products ? "products" : "views")}`);
  else if (session.page_count) did.push(`saw ${once(session.page_count, "one page", "pages")}`);
  if (session.cart_count) did.push(`put ${once(session.cart_count, "one thing", "things")} into the cart`);
  if (session.purchase_count) {
    const amount = session.total_amount === null ? "" : ` for ${money(session.total_amount, currency)}`;
    did.push(`ordered ${session.purchase_count === 1 ? "" : `${exact(session.purchase_count)} times `}`.trimEnd() + amount);
  }
  if (did.length === 0) did.push(`did ${once(session.total_events, "one thing", "things")}`);
  const last = did.pop() ?? "";
  const all = did.length ? `${did.join(", ")} and ${last}` : last;
  const minutes = session.session_duration_minutes;
  const long = minutes === 0 ? "" : ` in ${minutes < 1 ? duration(Math.floor(minutes * 60)) : plural(Math.floor(minutes), "minute", "minutes")}`;
  return `${all.charAt(0).toUpperCase()}${all.slice(1)}${long}.`;
}

/** What an event was about: its product, what was looked for, else its page. */
export function aboutOf(event: Event): string {
  const asked = event.properties?.["query"];
  if (typeof asked === "string") return `“${asked}”`;
  return event.product_id ?? event.page_path ?? event.page_url ?? event.page_title ?? "";
}

/** What stands right of it: money, else where the visitor came from with the first. */
export function worthOf(event: Event, currency: string): string {
  if (event.amount != null) return money(event.amount, event.currency ?? currency);
  if (event.price != null) return money(event.price, event.currency ?? currency);
  return event.value == null ? "" : exact(event.value);
}

/** `0:48`, `1:12:06`: how long after the begin. */
export function since(begin: string, at: string): string {
  const seconds = Math.floor((Date.parse(at) - Date.parse(begin)) / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const FIGURES: Readonly<Record<string, string>> = {
  total_events: "events",
  session_duration_minutes: "minutes",
  page_count: "pages",
  view_count: "views",
  cart_count: "carts",
  purchase_count: "purchases",
  refund_count: "refunds",
  unique_products: "products",
  unique_categories: "categories",
};

export const figureName = (figure: string): string => FIGURES[figure] ?? figure.replaceAll("_", " ");

/** The clauses that held when a class was taken: `total_events ≥ 10 (11)` is `11 events`. */
export function whyThen(why: readonly string[]): string {
  const clauses = why.map((reason) => /^(\w+) ≥ (\S+) \((.+)\)$/.exec(reason));
  if (clauses.some((clause) => clause === null)) return why.join(", ");
  return clauses.map((clause) => `${clause?.[3]} ${figureName(clause?.[1] ?? "")} (limit ${clause?.[2]})`).join(" and ");
}

/** What one rule says: `this one decided`, `not yet: 3 events short`, `also held, not needed`. */
export function verdictOf(rule: Schema<"RuleSaid">): string {
  if (rule.decided) return rule.any_of.length ? "this one decided" : "no other held";
  if (rule.held) return "also held, not needed";
  const nearest = rule.any_of
    .map((group) => group.filter((clause) => !clause.held))
    .sort((a, b) => a.length - b.length)[0];
  const [only, more] = nearest ?? [];
  if (!only || more) return "not yet";
  const short = only.at_least - only.value;
  return `not yet: ${Number.isInteger(short) ? exact(short) : short.toFixed(2)} ${figureName(only.figure)} short`;
}
