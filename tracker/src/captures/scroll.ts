/** How far down a page was read. */

import type { Site } from "../site";

/** Tell `scroll_depth`: how many percent of the page were in view, when that has grown. */
export function capture(site: Site, first?: Event): void {
  let deepest = 0;
  let told = 0;
  const heard = (event: Event): void => {
    const area = event.target instanceof Element ? event.target : (document.scrollingElement ?? document.documentElement);
    if (area.clientHeight < innerHeight / 2) return; // a list in the page, not the page
    deepest = Math.max(deepest, Math.min(100, Math.round((100 * (area.scrollTop + area.clientHeight)) / area.scrollHeight)));
  };
  if (first) heard(first);
  site.on(document, "scroll", heard);
  site.onView(() => {
    deepest = told = 0;
  });
  site.onLeave(() => {
    if (deepest <= told) return;
    told = deepest;
    site.send("scroll_depth", {}, { value: deepest }, false);
  });
}
