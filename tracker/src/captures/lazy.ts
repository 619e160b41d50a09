/** Captures whose code is loaded when a page first gives a reason to. */

import type { Capture } from "../options";
import { safely, swallow } from "../safely";
import type { Site } from "../site";

/** What such a file exports: it begins with the event that it was loaded for, if any. */
interface Loaded {
  capture(site: Site, first: Event | undefined, began: number): void;
}

/** Load what is switched `on` once it is needed. */
export function lazily(site: Site, on: (capture: Capture) => boolean): void {
  const began = performance.now();

  const when = (capture: Capture, load: () => Promise<Loaded>, ...types: readonly string[]): void => {
    let begun = !on(capture);
    const begin = safely((event?: Event) => {
      if (begun) return;
      begun = true;
      load()
        .then((loaded) => loaded.capture(site, event, began))
        .catch(swallow);
    });
    for (const type of types) site.on(window, type, begin);
    if (!types.length) begin();
  };

  when("time", () => import("./time"));
  when("scroll", () => import("./scroll"), "scroll");
  when("forms", () => import("./forms"), "focusin", "submit");
  when("video", () => import("./video"), "play");
  when("errors", () => import("./errors"), "error", "unhandledrejection");
  when("vitals", () => import("./vitals"), ...(document.readyState === "complete" ? [] : ["load"]));
}
