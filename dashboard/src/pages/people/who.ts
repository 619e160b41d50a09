/** A person's id (`u:ann`, `v:…`, `s:…`) as a name, and as the address of their page. */

const KINDS: Readonly<Record<string, string>> = { u: "Person", v: "Visitor", s: "Visitor of session" };

/** `ann` of `u:ann`: without the mark that says of which kind it is. */
export const nameOfWho = (who: string): string => who.slice(2);

/** `Visitor 8c1f…`: as a sentence names them. */
export const titleOfWho = (who: string): string => `${KINDS[who.slice(0, 1)] ?? "Person"} ${nameOfWho(who)}`;

export const pathOf = (who: string): string => `/people/${encodeURIComponent(who)}`;

/** The id in an address; wouter's own parameters leave some signs encoded. */
export function whoOf(pathname: string): string {
  const text = pathname.split("/")[2] ?? "";
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // somebody wrote the address by hand
  }
}
