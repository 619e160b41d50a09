/** Filters as text (docs/questions.md): taken apart at their `and`s, put together again, and one comparison written. */

/** The parts of a filter that all must hold; one when it is not a plain row of `and`s. Quotes and brackets are kept. */
export function partsOfFilter(filter: string): string[] {
  const parts: string[] = [];
  let [begin, depth, quote] = [0, 0, ""];
  for (let at = 0; at < filter.length; at++) {
    const sign = filter.charAt(at);
    if (quote) {
      if (sign === "\\") at++;
      else if (sign === quote) quote = "";
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === "(") depth++;
    else if (sign === ")") depth--;
    else if (depth === 0) {
      const word = /^\s(and|or)\s/i.exec(filter.slice(at));
      if (word?.[1]?.toLowerCase() === "or") return [filter.trim()];
      if (word) {
        parts.push(filter.slice(begin, at).trim());
        begin = at + word[0].length;
        at = begin - 2; // the blank behind it may stand before the next word
      }
    }
  }
  parts.push(filter.slice(begin).trim());
  return parts.filter(Boolean);
}

/** A filter that all parts must fulfil; a part that is an alternative is put in brackets. */
export function joinedFilter(parts: readonly string[]): string {
  const kept = parts.map((part) => part.trim()).filter(Boolean);
  if (kept.length < 2) return kept[0] ?? "";
  return kept.map((part) => (hasAlternatives(part) ? `(${part})` : part)).join(" and ");
}

const hasAlternatives = (part: string): boolean => /\sor\s/i.test(part.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "").replace(/\([^()]*\)/g, ""));

export const OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "contains", "starts with", "ends with", "matches", "in", "not in", "exists", "missing"] as const;
export type Operator = (typeof OPERATORS)[number];

export const OPERATOR_WORDS: Record<Operator, string> = {
  "=": "is",
  "!=": "is known and not",
  "<": "less than",
  "<=": "at most",
  ">": "more than",
  ">=": "at least",
  contains: "contains",
  "starts with": "starts with",
  "ends with": "ends with",
  matches: "matches the pattern",
  in: "is one of (a, b)",
  "not in": "is none of (a, b)",
  exists: "is known",
  missing: "is unknown",
};

const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** A value as a filter writes it: numbers bare where the property's values are numbers or whatever was sent. */
function written(value: string, type: string): string {
  const text = value.trim();
  if (/^(['"]).*\1$/.test(text)) return text;
  if (type === "true or false") return text.toLowerCase();
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  return isNumber && type !== "a text" && type !== "a time" ? text : quoted(text);
}

/** `country = "DE"`. */
export function comparison(property: string, operator: Operator, value: string, type: string): string {
  if (operator === "exists" || operator === "missing") return `${property} ${operator}`;
  if (operator === "in" || operator === "not in") {
    const values = value.replace(/^\(|\)$/g, "").split(",").map((one) => written(one, type));
    return `${property} ${operator} (${values.join(", ")})`;
  }
  const isOfText = !/^[=!<>]/.test(operator);
  return `${property} ${operator} ${isOfText ? written(value, "a text") : written(value, type)}`;
}
