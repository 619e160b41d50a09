/** Pages shown: those that were loaded, and those that a script shows under an address of their own. */

import type { Site } from "../site";
import { safely } from "../safely";

/** Call `shown` for every page but the first, and `leaving` just before while the old address still holds. */
export function pages(site: Site, hash: boolean, leaving: () => void, shown: () => void): void {
  const where = (): string => location.pathname + location.search + (hash ? location.hash : "");
  let here = where();
  const moved = safely(() => {
    if (where() === here) return;
    here = where();
    leaving();
    setTimeout(safely(shown)); // frameworks set the title after the address
  });
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = function (this: History, ...given: Parameters<History["pushState"]>): void {
      original.apply(this, given);
      moved();
    };
  }
  site.on(window, "popstate", moved);
  site.on(window, "hashchange", moved);
  site.on(window, "pageshow", (event: PageTransitionEvent) => {
    if (event.persisted) shown();
  });
}

/** What was searched for on the site, told by the address; undefined when nothing was. */
export function searched(parameters: readonly string[]): string | undefined {
  const stated = new URLSearchParams(location.search);
  return parameters.map((name) => stated.get(name)?.trim()).find(Boolean);
}
