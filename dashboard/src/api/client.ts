/** Asks the server's API, which is on the same host. A problem it answers (RFC 9457) becomes a `Problem`. */
import type { components } from "../../.build/schema";

/** The API's own names for what it answers: `Schema<"Trends">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

export type Value = string | number | boolean | null | undefined;
export type Params = Readonly<Record<string, Value | readonly string[]>>;

/** What the server said instead of an answer. `requestId` finds it in the server's log. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null,
  ) {
    super(message);
  }
}

/** `/v1/trends?unit=day`: the address of a question; what is null, undefined or empty is left out. */
export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const one of value) query.append(name, one);
    else if (value !== null && value !== undefined && value !== "") query.append(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}${path.includes("?") ? "&" : "?"}${text}` : path;
}

/** Where a browser goes whose log-in has ended; it comes back to where it was. */
export function logInAgain(): void {
  const here = window.location.pathname + window.location.search;
  window.location.assign(`/login?next=${encodeURIComponent(here)}`);
}

async function answered(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await response.text();
  let said: { detail?: string; title?: string; code?: string } = {};
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    // not a problem document: a proxy's page, say
  }
  if (response.status === 401) logInAgain();
  const message = said.detail ?? said.title ?? `The server answered ${response.status}.`;
  throw new Problem(response.status, said.code ?? "unknown", message, response.headers.get("x-request-id"));
}

/** A server answers a few questions at once and sends the rest away, so a page with many of them asks in turn. */
const AT_ONCE = 3;
let asking = 0;
const waiting: (() => void)[] = [];

async function inTurn<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  if (asking >= AT_ONCE) await new Promise<void>((begin) => waiting.push(begin));
  else asking++;
  try {
    return await ask();
  } finally {
    const next = waiting.shift(); // its place goes to whoever waits longest
    if (next) next();
    else asking--;
  }
}

/** Ask `path`; throws `Problem`, or TypeError when the server can't be reached. */
export async function get<Answer>(path: string, params: Params = {}, signal?: AbortSignal): Promise<Answer> {
  return inTurn(async () => {
    const response = await answered(await fetch(address(path, params), { signal: signal ?? null }));
    return (await response.json()) as Answer;
  });
}

/** Change something; the cookie holds only for requests of this server's own pages. */
export async function send<Answer>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  { params = {}, body }: { params?: Params; body?: unknown } = {},
): Promise<Answer> {
  const response = await answered(
    await fetch(address(path, params), {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    }),
  );
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as Answer;
}
