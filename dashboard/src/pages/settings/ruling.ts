/** What is changed of the rules, as words in the address (`browser.total_events=4`, `wishlist=cart`) and as the API takes it. */
import type { Schema } from "../../api/client";

type InForce = Schema<"RulesInForce">;
export type Kind = InForce["kinds"][string];

export interface Change {
  thresholds: Record<string, number>;
  kinds: Record<string, Kind>;
}

export const KINDS: readonly Kind[] = ["page", "view", "cart", "uncart", "purchase", "refund", "form", "email", "content", "business", "talk", "click", "passive", "other"];

const FIGURES: Readonly<Record<string, string>> = {
  total_events: "events",
  session_duration_minutes: "minutes",
  page_count: "pages",
  view_count: "views",
  cart_count: "things carted",
  purchase_count: "purchases",
  refund_count: "refunds",
  unique_products: "different products",
  unique_categories: "different categories",
};

export const figureWords = (figure: string): string => FIGURES[figure] ?? figure.replaceAll("_", " ");

/** `{a.b: "4"}` of `["a.b=4"]`: names may hold `=`, values never. */
export function pairs(words: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const word of words) {
    const at = word.lastIndexOf("=");
    if (at > 0) found[word.slice(0, at)] = word.slice(at + 1);
  }
  return found;
}

/** The number that somebody wrote; null for none. */
export const numberOf = (text: string | undefined): number | null => {
  const number = Number(text);
  return text === undefined || text.trim() === "" || !Number.isFinite(number) ? null : number;
};

/** Numbers that are other than the rules', as the address has them. */
export function wordsOf(written: Readonly<Record<string, string>>, rules: InForce): string[] {
  const present = new Map(rules.classes.flatMap((rule) => rule.any_of.flat()).map((clause) => [clause.id, clause.at_least]));
  return Object.entries(written)
    .filter(([id, text]) => present.has(id) && numberOf(text) !== null && numberOf(text) !== present.get(id))
    .map(([id, text]) => `${id}=${numberOf(text)}`)
    .sort();
}

/** What the address says, as the API takes it. */
export function changeOf(atLeast: readonly string[], kinds: readonly string[], rules: InForce): Change {
  const thresholds = Object.entries(pairs(wordsOf(pairs(atLeast), rules))).map(([id, text]) => [id, Number(text)] as const);
  const moved = Object.entries(pairs(kinds)).filter((pair): pair is [string, Kind] => (KINDS as readonly string[]).includes(pair[1]));
  return {
    thresholds: Object.fromEntries(thresholds),
    kinds: Object.fromEntries(moved.filter(([name, kind]) => (rules.kinds[name] ?? "other") !== kind)),
  };
}

export const changes = (change: Change): number => Object.keys(change.thresholds).length + Object.keys(change.kinds).length;
