/** The script tag: a tracker made from its attributes, known to the page as `footfall`. */

import type { Capture, Consent, Options } from "./options";
import { safely } from "./safely";
import { BehaviorTracker } from "./tracker";

interface Page {
  footfall?: unknown;
  BehaviorTracker?: typeof BehaviorTracker;
}

function listed(text: string | undefined): string[] {
  return text?.split(/[\s,]+/).filter(Boolean) ?? [];
}

/** What the tag says; events go where the script came from unless it says otherwise. */
function stated({ src, dataset }: HTMLScriptElement): Options {
  const search = listed(dataset["search"]);
  return {
    key: dataset["key"],
    apiEndpoint: dataset["endpoint"] ?? new URL("v1/events", src || location.href).href,
    consent: dataset["consent"] as Consent | undefined,
    capture: Object.fromEntries(listed(dataset["off"]).map((what) => [what as Capture, false])),
    searchParameters: search.length ? search : undefined,
    parameters: listed(dataset["parameters"]),
    hash: "hash" in dataset,
    debug: "debug" in dataset,
  };
}

safely(() => {
  const page = window as Page;
  const script = document.currentScript;
  page.BehaviorTracker = BehaviorTracker;
  if (!(script instanceof HTMLScriptElement) || "manual" in script.dataset) return;
  const early = page.footfall;
  const tracker = new BehaviorTracker(stated(script));
  page.footfall = tracker;
  if (Array.isArray(early)) tracker.push(...early);
})();
