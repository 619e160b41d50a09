/** Videos that the visitor plays; one that begins by itself and without sound is decoration. */

import type { Site } from "../site";

/** Tell `video_play` once for each video of a page, from the play that loaded this on. */
export function capture(site: Site, first?: Event): void {
  let played = new WeakMap<Element, string>();
  const heard = (event: Event): void => {
    const target = event.target;
    if (!(target instanceof HTMLVideoElement) || target.closest("[data-footfall-ignore]")) return;
    if ((target.autoplay && target.muted) || played.get(target) === target.currentSrc) return;
    played.set(target, target.currentSrc);
    site.send("video_play", {
      video: /^https?:/.test(target.currentSrc) ? site.told(target.currentSrc) : undefined,
      label: target.title || target.getAttribute("aria-label") || undefined,
      id: target.id || undefined,
      seconds: Number.isFinite(target.duration) ? Math.round(target.duration) : undefined,
    });
  };
  site.onView(() => {
    played = new WeakMap();
  });
  if (first) heard(first);
  site.on(document, "play", heard);
}
