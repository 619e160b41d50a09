/** How long a page was in view. */

import type { Site } from "../site";

const LEAST_MS = 1_000;

/** Tell `time_on_page`: seconds in view since it was told last, at first since `began`, in ms of the page's clock. */
export function capture(site: Site, _: Event | undefined, began: number): void {
  let since = seen() && began;
  let spent = 0;
  site.on(document, "visibilitychange", () => {
    since ??= seen();
  });
  site.onView(() => {
    since = seen();
    spent = 0;
  });
  site.onLeave(() => {
    if (since !== undefined) spent += performance.now() - since;
    since = seen();
    if (spent < LEAST_MS) return;
    site.send("time_on_page", {}, { value: Math.round(spent / 100) / 10 }, false);
    spent = 0;
  });
}

/** The moment, if the page is in view. */
function seen(): number | undefined {
  return document.visibilityState === "visible" ? performance.now() : undefined;
}
