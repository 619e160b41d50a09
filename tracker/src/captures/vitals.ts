/*! Holds web-vitals, Copyright Google LLC, licensed under the Apache License 2.0: https://github.com/GoogleChrome/web-vitals */
/** Core Web Vitals (https://web.dev/articles/vitals), measured by Google's own library. */

import { onCLS, onFCP, onINP, onLCP, onTTFB, type Metric } from "web-vitals";
import type { Site } from "../site";

/** Tell `web_vitals` of the page that was loaded, once, when it is hidden or left: ms, and CLS as the score it is. */
export function capture(site: Site): void {
  const figures: Record<string, number> = {};
  let told = false;
  const keep = ({ name, value }: Metric): void => {
    figures[name.toLowerCase()] = Math.round(value * 1_000) / 1_000;
  };
  for (const watch of [onCLS, onFCP, onINP, onLCP, onTTFB]) watch(keep, { reportAllChanges: true });
  site.onLeave(() => {
    if (told || !Object.keys(figures).length) return;
    told = true;
    site.send("web_vitals", figures, {}, false);
  });
}
