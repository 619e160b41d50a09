/** Steps as the API writes them (`kind:view[brand = "acme"]`): their two halves, and how a person would say them. */

export interface StepParts {
  /** A name, `kind:view` or `*`, as it is written: a name that its signs would confuse stands in quotes. */
  event: string;
  /** What stands in the brackets; empty without a filter. */
  filter: string;
}

/** The first bracket outside quotes ends the event. */
export function partsOf(step: string): StepParts {
  const text = step.trim();
  const begin = /^(?:"(?:[^"\\]|\\.)*"|[^["])*/.exec(text)?.[0].length ?? text.length;
  if (text[begin] !== "[" || !text.endsWith("]")) return { event: text, filter: "" };
  return { event: text.slice(0, begin).trim(), filter: text.slice(begin + 1, -1).trim() };
}

export const stepOf = ({ event, filter }: StepParts): string => (filter.trim() ? `${event.trim()}[${filter.trim()}]` : event.trim());

/** An event's name as a step: in quotes where its signs would confuse. */
export function named(name: string): string {
  const plain = /^[^\s["](?:[^["]*[^\s["])?$/.test(name) && name !== "*" && !name.startsWith("kind:");
  return plain ? name : `"${name.replace(/["\\]/g, "\\$&")}"`;
}

const SAID: Record<string, string> = {
  "*": "did anything",
  page: "saw a page",
  page_view: "saw a page",
  screen_view: "saw a screen",
  view: "saw a product",
  product_view: "saw a product",
  cart: "filled a cart",
  add_to_cart: "filled a cart",
  uncart: "emptied the cart",
  remove_from_cart: "emptied the cart",
  purchase: "ordered",
  order_completed: "ordered",
  refund: "sent something back",
  click: "clicked",
  form_start: "began a form",
  form_submit: "sent a form",
  search_query: "searched",
};

/** What somebody did who took the step: `filled a cart`; of a name without words of its own `reached quote_request`. */
export function saidOf(step: string): string {
  const { event } = partsOf(step);
  return SAID[event.replace(/^kind:/, "")] ?? `reached ${event}`;
}

/** The same as a name: `Filled a cart`. */
export function titleOf(step: string): string {
  const said = saidOf(step).replace(/^reached (kind:)?/, "").replaceAll("_", " ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}
