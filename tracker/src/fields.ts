/** Which properties are fields of an event, so that they count: products, money, orders, pages. */

import type { Properties } from "./options";

const FIELDS =
  /^(product_(id|category)|brand|price|quantity|amount|currency|order_id|value|category|page_(url|path|title)|referrer)$/;
const OF_PAGES = /^(url|path|title)$/;

/**
 * The properties of an event that have no field of their own, and those that have: `productId` is `product_id`, and
 * what a page view says of its `url` is `page_url`. A value that could not be read stays a property.
 */
export function sorted(properties: Properties, ofView: boolean): [rest: Properties, fields: Properties] {
  const rest: Record<string, unknown> = {};
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(properties)) {
    const snake = name.replace(/[A-Z]/g, (letter) => "_" + letter.toLowerCase());
    const field = ofView && OF_PAGES.test(name) ? "page_" + name : snake;
    const fits = typeof value === "string" ? field !== "value" : Number.isFinite(value);
    if (fits && FIELDS.test(field)) fields[field] = value;
    else rest[name] = value;
  }
  return [rest, fields];
}
