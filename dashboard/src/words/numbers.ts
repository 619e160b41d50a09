/** Numbers as people read them (`docs/dashboard.md`): true minus, en dash for nothing, two decimals half up. */

const MINUS = "−";
const formats = new Map<string, Intl.NumberFormat>();

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.NumberFormat(undefined, { roundingMode: "halfExpand", ...options })));
  return made;
}

const written = (value: number, options: Intl.NumberFormatOptions): string =>
  format(options).format(value).replace("-", MINUS);

export type Figure = number | string | null | undefined;

/** `1,240`; over ten million `38 M`. */
export function count(value: Figure): string {
  if (value === null || value === undefined) return "–";
  const number = Number(value);
  if (Math.abs(number) >= 10_000_000) return `${written(number / 1e6, { maximumFractionDigits: 0 })} M`;
  return written(number, { maximumFractionDigits: 0 });
}

/** `1,240` whatever its size: for tooltips and tables. */
export function exact(value: Figure): string {
  return value === null || value === undefined ? "–" : written(Number(value), { maximumFractionDigits: 0 });
}

/** `569.55`: a figure with two decimals. */
export function decimal(value: Figure, places = 2): string {
  if (value === null || value === undefined) return "–";
  return written(Number(value), { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** `3.06%`; the value is a percentage already. */
export function percent(value: Figure, places = 2): string {
  return value === null || value === undefined ? "–" : `${decimal(value, places)}%`;
}

/** A share of a base in words: `4.87% of received`, but `3 of 12` under thirty cases. */
export function share(part: number, base: number, of: string): string {
  if (base === 0) return `none of ${of}`;
  return base < 30 ? `${exact(part)} of ${exact(base)} ${of}` : `${percent((100 * part) / base)} of ${of}`;
}

/** `€2,819.60`; null is nothing, not 0. `places` 0 in a chart's label. */
export function money(value: Figure, currency: string, places = 2): string {
  if (value === null || value === undefined) return "–";
  return written(Number(value), {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  });
}

/** `person` or `people`, after its number. */
export function plural(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/**
 * `c69…3272`: an id as it stands where there is little room. Ids of one maker begin alike and end differently, so its
 * end stays, and a little of its beginning; what is no longer than `room` stays whole.
 */
export function shortId(id: string, room = 12): string {
  const kept = room > 12 ? room - 1 : 7;
  return id.length > room ? `${id.slice(0, Math.floor(kept / 2))}…${id.slice(-Math.ceil(kept / 2))}` : id;
}
