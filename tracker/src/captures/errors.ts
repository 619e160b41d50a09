/** Errors of the page's own scripts: the message and the place, no stack and no values. */

import { masked } from "../address";
import type { Site } from "../site";

/** Told of one page; a loop that fails would say nothing new. */
const MOST = 5;
const LONGEST = 200;

/** Tell `page_error`, from the error that loaded this on. */
export function capture(site: Site, first?: Event): void {
  const known = new Set<string>();
  const heard = (event: Event): void => {
    const facts = event instanceof ErrorEvent ? ofScript(site, event) : ofPromise(event);
    const text = JSON.stringify(facts);
    if (!facts || known.has(text) || known.size === MOST) return;
    known.add(text);
    site.send("page_error", facts, {}, false);
  };
  site.onView(() => known.clear());
  if (first) heard(first);
  site.on(window, "error", heard);
  site.on(window, "unhandledrejection", heard);
}

/** Nothing of scripts from elsewhere: browsers say no more of them than that there was something. */
function ofScript(site: Site, event: ErrorEvent): Record<string, unknown> | undefined {
  if (!event.filename) return undefined;
  return { message: cut(event.message), file: site.told(event.filename), line: event.lineno, column: event.colno };
}

/** Nothing of what is no rejection: a picture that did not load is heard of in the same way. */
function ofPromise(event: Event): Record<string, unknown> | undefined {
  if (!(event instanceof PromiseRejectionEvent)) return undefined;
  const reason: unknown = event.reason;
  return { message: cut(reason instanceof Error ? `${reason.name}: ${reason.message}` : typeof reason), unhandled: true };
}

function cut(message: string): string {
  return masked(message).slice(0, LONGEST);
}
