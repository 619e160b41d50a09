/**
 * The sentences of Overview, each from figures of the API by one rule, or not said at all (docs/dashboard.md). Pure:
 * what they say is decided here, how it is shown elsewhere.
 */
import type { Params, Schema } from "../../api/client";
import { className } from "../../parts/classes";
import { exact, money, percent, plural } from "../../words/numbers";
import { change, difference, proportion, type Certainty, type Sample, type Told } from "./certainty";

/** A row of a breakdown; `value` is null for what is unknown, and for all together. */
export type SessionRow = Schema<"SessionRow">;
export type ProductRow = Schema<"ProductRow">;

/** One figure, of the span and of the time before, by day (or hour). */
export interface Line {
  now: readonly number[];
  before: readonly number[];
}

export interface Facts {
  currency: string;
  /** `week`: for "the week before". */
  span: string;
  /** The span, as other pages take it in their address. */
  range: { from: string; to: string };
  revenue: Line;
  purchases: Line;
  sessions: Line;
}

export type Picture =
  | { kind: "steps"; rows: readonly { name: string; value: number; shown: string }[] }
  | { kind: "bars"; rows: readonly { name: string; value: number; shown: string; lost?: number }[] }
  | { kind: "dots"; rows: readonly { name: string; value: number; shown: string }[] }
  | { kind: "classes"; rows: readonly { name: string; shares: readonly { visitorClass: string; share: number }[] }[] };

export interface Finding {
  key: string;
  /** The sentence; what is strong is the fact. */
  said: readonly (string | { strong: string })[];
  certainty: Certainty;
  /** What it was found in: `98,412 sessions`. */
  sample: string;
  /** Money at stake in the span: the order of the sentences. */
  stake: number;
  /** The page that shows more, or the sessions that are meant. */
  link: { text: string; path: string; params: Params } | { text: string; drill: { path: string; params: Params; shown: number } };
  picture: Picture;
}

export const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const per = (part: number, whole: number): number => (whole ? part / whole : 0);
const signed = (value: number, currency: string): string => `${value > 0 ? "+" : ""}${money(value, currency, 0)}`;
const rate = ({ hits, of }: Sample): string => percent((100 * hits) / of, 1);
const bought = (row: SessionRow): Sample => ({ hits: row.conversions, of: row.sessions });
const without = (all: Sample, one: Sample): Sample => ({ hits: all.hits - one.hits, of: all.of - one.of });

/** Revenue against the time before, and what made the difference: visits, how many of them buy, how much. */
export function revenueChanged(facts: Facts): Finding | null {
  const { revenue, purchases, sessions, currency, span, range } = facts;
  const told = change(revenue.now, revenue.before);
  if (!told) return null;
  const then = { money: sum(revenue.before), orders: sum(purchases.before), visits: sum(sessions.before) };
  const now = { money: sum(revenue.now), orders: sum(purchases.now), visits: sum(sessions.now) };
  const [buying, basket] = [per(then.orders, then.visits), per(then.money, then.orders)];
  const difference = now.money - then.money;
  const causes = [
    { value: (now.visits - then.visits) * buying * basket, more: "More visits", less: "Fewer visits" },
    { value: (now.orders - now.visits * buying) * basket, more: "More of them buy", less: "Fewer of them buy" },
    { value: now.money - now.orders * basket, more: "Bigger baskets", less: "Smaller baskets" },
  ];
  const rows = causes.map(({ value, more, less }) => ({ name: value < 0 ? less : more, value, shown: signed(value, currency) }));
  const most = rows.reduce((best, row) => (row.value * Math.sign(difference) > best.value * Math.sign(difference) ? row : best));
  return {
    key: "revenue",
    said: ["Revenue is ", { strong: `${money(Math.abs(difference), currency)} ${difference < 0 ? "lower" : "higher"}` }, ` than the ${span} before. Most of it comes from this: ${most.name.toLowerCase()}.`],
    certainty: told.certainty,
    sample: `${plural(now.orders, "order", "orders")} in ${plural(revenue.now.length, "pair", "pairs")} of days`,
    stake: Math.abs(difference),
    link: { text: "See what changed", path: "/trends", params: { figure: "revenue", beside: "before", ...range } },
    picture: { kind: "steps", rows: [...rows, { name: "In all", value: difference, shown: signed(difference, currency) }] },
  };
}

/** Of the sessions that fill a cart, those that end without an order. `asked` are the funnel's own parameters. */
export function cartsLost(facts: Facts, steps: readonly Schema<"StepItem">[], asked: Params): Finding | null {
  const [saw, filled, ordered] = steps;
  if (!saw || !filled || !ordered || !ordered.dropped) return null;
  const told = proportion({ hits: ordered.dropped, of: filled.people });
  if (!told) return null;
  return {
    key: "carts",
    said: [{ strong: `${percent(100 * told.estimate, 0)} of the sessions that fill a cart` }, ` end without an order: ${exact(ordered.dropped)} of ${exact(filled.people)}.`],
    certainty: told.certainty,
    sample: plural(filled.people, "session", "sessions"),
    stake: ordered.dropped * per(sum(facts.revenue.now), sum(facts.purchases.now)),
    link: { text: `See the ${exact(ordered.dropped)} sessions`, drill: { path: "/v1/funnel/people", params: { ...asked, at: 3, dropped: true }, shown: ordered.dropped } },
    picture: {
      kind: "bars",
      rows: [
        { name: "Saw a product", value: saw.people, shown: exact(saw.people) },
        { name: "Filled a cart", value: filled.people, shown: exact(filled.people) },
        { name: "Ordered", value: ordered.people, shown: `${exact(ordered.dropped)} stop here`, lost: ordered.dropped },
      ],
    },
  };
}

/** The channel whose sessions buy more often, or less, than all others', with most money in it. */
export function channelApart(facts: Facts, rows: readonly SessionRow[], total: SessionRow): Finding | null {
  const all = bought(total);
  const known = rows.filter((row) => row.value !== null && row.sessions < total.sessions);
  const worth = per(Number(total.revenue), total.conversions);
  const found = largest(known.map((row) => ({ row, rest: without(all, bought(row)), told: difference(bought(row), without(all, bought(row)), known.length) })), ({ row, rest, told }) => Math.abs(told.estimate) * Math.min(row.sessions, rest.of) * worth);
  if (!found) return null;
  const { row, rest, told, stake } = found;
  const name = row.value ?? "";
  return {
    key: "channel",
    said: ["Visits from ", { strong: `${name} end in an order ${told.estimate < 0 ? "less" : "more"} often` }, `: ${rate(bought(row))} of them, and ${rate(rest)} of all others.`],
    certainty: told.certainty,
    sample: plural(row.sessions, "session", "sessions"),
    stake,
    link: { text: "See the channels", path: "/channels", params: { ...facts.range } },
    picture: { kind: "dots", rows: [dot(name, bought(row)), dot("all others", rest)] },
  };
}

/** The product that is looked at, and bought by fewer of those who look than other products are. */
export function productUnbought(facts: Facts, rows: readonly ProductRow[]): Finding | null {
  const seen = rows.filter((row) => row.value !== null && row.viewers > 0 && row.buyers <= row.viewers);
  const of = (row: ProductRow): Sample => ({ hits: row.buyers, of: row.viewers });
  const all = { hits: sum(seen.map((row) => row.buyers)), of: sum(seen.map((row) => row.viewers)) };
  const usual = per(sum(seen.map((row) => Number(row.revenue))), sum(seen.map((row) => row.purchases)));
  const price = (row: ProductRow): number => (row.purchases ? Number(row.revenue) / row.purchases : usual);
  const less = seen.map((row) => ({ row, rest: without(all, of(row)), told: difference(of(row), without(all, of(row)), seen.length) })).filter(({ told }) => told === null || told.estimate < 0);
  const found = largest(less, ({ row, told }) => -told.estimate * row.viewers * price(row));
  if (!found) return null;
  const { row, rest, told, stake } = found;
  const name = row.value ?? "";
  return {
    key: "product",
    said: [{ strong: `${name} is looked at, and seldom bought` }, `: by ${exact(row.buyers)} of the ${exact(row.viewers)} people who saw it. Of other products' viewers ${rate(rest)} buy.`],
    certainty: told.certainty,
    sample: plural(row.viewers, "viewer", "viewers"),
    stake,
    link: { text: "See the products", path: "/products", params: { ...facts.range } },
    picture: { kind: "dots", rows: [dot(name, of(row)), dot("other products", rest)] },
  };
}

/** Whether those who came for the first time in the span buy as often as those who had been here. */
export function newcomersApart(facts: Facts, newcomers: SessionRow, total: SessionRow): Finding | null {
  const [fresh, known] = [bought(newcomers), without(bought(total), bought(newcomers))];
  const told = difference(fresh, known);
  if (!told) return null;
  const worth = per(Number(total.revenue), total.conversions);
  const less = told.estimate < 0;
  return {
    key: "newcomers",
    said: ["People who were here before ", { strong: `buy ${less ? "more" : "less"} often than new ones` }, `: ${rate(known)} of their sessions end in an order, ${rate(fresh)} of the new people's.`],
    certainty: told.certainty,
    sample: plural(total.sessions, "session", "sessions"),
    stake: Math.abs(told.estimate) * (less ? fresh.of : known.of) * worth,
    link: { text: "See who comes back", path: "/retention", params: { ...facts.range } },
    picture: { kind: "dots", rows: [dot("here before", known), dot("new", fresh)] },
  };
}

/** The class whose share of the sessions moved, with most money in it. */
export function classMoved(facts: Facts, now: readonly SessionRow[], before: readonly SessionRow[]): Finding | null {
  const [all, then] = [sum(now.map((row) => row.sessions)), sum(before.map((row) => row.sessions))];
  const revenue = sum(now.map((row) => Number(row.revenue)));
  const share = (rows: readonly SessionRow[], value: SessionRow["value"], of: number): Sample => ({ hits: rows.find((row) => row.value === value)?.sessions ?? 0, of });
  const moved = now.map((row) => ({ row, told: difference(share(now, row.value, all), share(before, row.value, then), now.length) }));
  const found = largest(moved, ({ row, told }) => Math.abs(told.estimate) * all * per(Number(row.revenue), row.sessions));
  if (!found) return null;
  const { row, told, stake } = found;
  const name = `${className(row.value ?? "")}s`;
  const parts = (value: (one: SessionRow) => number, whole: number) => now.map((one) => ({ visitorClass: one.value ?? "", share: per(value(one), whole) }));
  const points = `${(100 * Math.abs(told.estimate)).toFixed(1)} points ${told.estimate < 0 ? "fewer" : "more"}`;
  const brings = revenue > 0 ? ` They bring ${percent((100 * Number(row.revenue)) / revenue, 0)} of the revenue.` : "";
  return {
    key: "classes",
    said: [{ strong: `${name.charAt(0).toUpperCase()}${name.slice(1)} are ${percent((100 * row.sessions) / all, 1)} of the sessions` }, `, ${points} than the ${facts.span} before.${brings}`],
    certainty: told.certainty,
    sample: plural(all, "session", "sessions"),
    stake,
    link: { text: "See the classes", path: "/classes", params: { ...facts.range } },
    picture: { kind: "classes", rows: [{ name: "Sessions", shares: parts((one) => one.sessions, all) }, ...(revenue > 0 ? [{ name: "Revenue", shares: parts((one) => Number(one.revenue), revenue) }] : [])] },
  };
}

export interface Hour {
  /** Local time at which it begins: `2026-08-03T14:00+02:00`. */
  label: string;
  sessions: number;
  /** Sessions with a purchase. */
  bought: number;
}

const PARTS: readonly { name: string; holds(hour: number, weekday: number): boolean }[] = [
  { name: "at night, from 0 to 6,", holds: (hour) => hour < 6 },
  { name: "in the morning, from 6 to 12,", holds: (hour) => hour >= 6 && hour < 12 },
  { name: "in the afternoon, from 12 to 18,", holds: (hour) => hour >= 12 && hour < 18 },
  { name: "in the evening, from 18 on,", holds: (hour) => hour >= 18 },
  { name: "at weekends", holds: (_, weekday) => weekday === 0 || weekday === 6 },
];

/** The part of the day, or the weekend, in which sessions buy more or less often than at all other times. */
export function hoursApart(facts: Facts, hours: readonly Hour[]): Finding | null {
  const sample = (some: readonly Hour[]): Sample => ({ hits: sum(some.map((hour) => hour.bought)), of: sum(some.map((hour) => hour.sessions)) });
  const all = sample(hours);
  const worth = per(sum(facts.revenue.now), all.hits);
  const parts = PARTS.map(({ name, holds }) => {
    const one = sample(hours.filter(({ label }) => holds(Number(label.slice(11, 13)), new Date(`${label.slice(0, 10)}T12:00:00Z`).getUTCDay())));
    return { name, one, rest: without(all, one), told: difference(one, without(all, one), PARTS.length) };
  });
  const found = largest(parts, ({ one, rest, told }) => Math.abs(told.estimate) * Math.min(one.of, rest.of) * worth);
  if (!found) return null;
  const { name, one, rest, told, stake } = found;
  return {
    key: "hours",
    said: ["Sessions that begin ", { strong: `${name} end in an order ${told.estimate < 0 ? "less" : "more"} often` }, `: ${rate(one)} of them, and ${rate(rest)} at other times.`],
    certainty: told.certainty,
    sample: plural(one.of, "session", "sessions"),
    stake,
    link: { text: "See them by the hour", path: "/trends", params: { figure: "conversion", unit: "hour", ...facts.range } },
    picture: { kind: "dots", rows: [dot("then", one), dot("other times", rest)] },
  };
}

const MOST = 5;

/** At most five, those with most money at stake first. */
export function worthKnowing(found: readonly (Finding | null)[]): Finding[] {
  return found.filter((one) => one !== null).sort((one, other) => other.stake - one.stake).slice(0, MOST);
}

const dot = (name: string, sample: Sample) => ({ name, value: (100 * sample.hits) / sample.of, shown: `${rate(sample)} order` });

/** Of the candidates that are told the one with most at stake. */
function largest<Candidate extends { told: Told | null }>(candidates: readonly Candidate[], stake: (one: Candidate & { told: Told }) => number) {
  const told = candidates.filter((one): one is Candidate & { told: Told } => one.told !== null).map((one) => ({ ...one, stake: stake(one) }));
  return told.reduce<(typeof told)[number] | null>((best, one) => (best === null || one.stake > best.stake ? one : best), null);
}
