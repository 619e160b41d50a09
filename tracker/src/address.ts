/** Addresses as they may be told: a form may have put into them what somebody typed, or a login what is secret. */

/** Parameters that say where a visitor comes from. */
const KEPT = /^(utm_.+|ref|source|[a-z]*clid)$/;
const E_MAIL = /[^\s@/?&=]+(@|%40)[^\s@/?&=]+\.\w+/gi;

/** `text` without e-mail addresses. */
export function masked(text: string): string {
  return text.replace(E_MAIL, "…");
}

/** The address without user and password, with no parameters but those of campaigns and those `kept`, and with its hash only if wanted. */
export function told(address: string, kept: readonly string[], hash = false): string {
  const url = new URL(address, location.href);
  url.username = url.password = "";
  if (!hash) url.hash = "";
  for (const name of [...url.searchParams.keys()]) {
    if (!KEPT.test(name) && !kept.includes(name)) url.searchParams.delete(name);
  }
  return masked(url.href);
}

/** What every event says of the page at the present address. */
export function pageFacts(kept: readonly string[], hash: boolean): Record<string, string> {
  const facts: Record<string, string> = {
    page_url: told(location.href, kept, hash),
    page_path: masked(location.pathname + (hash ? location.hash : "")),
    page_title: document.title,
  };
  for (const [name, text] of new URLSearchParams(location.search)) if (name.startsWith("utm_")) facts[name] = masked(text);
  return facts;
}
