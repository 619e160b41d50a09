/** What a capture is given to see a page and to tell of it. */

import type { Properties } from "./options";

export interface Site {
  /** Tell that something happened; `fields` are the event's own, and `acts` is false for what was only measured. */
  send(name: string, properties: Properties, fields?: Properties, acts?: boolean): void;
  /** An address as it may be told. */
  told(address: string): string;
  /** Hear of an event before the page can stop it; what goes wrong in `heard` stays here. */
  on<E extends Event>(target: EventTarget, type: string, heard: (event: E) => void): void;
  /** Be told when the page is hidden, and whether it is left `for good`; what is sent then still goes out. */
  onLeave(left: (forGood: boolean) => void): void;
  /** Be told when another page is shown, by an address of its own. */
  onView(viewed: () => void): void;
}

/** The nearest element around an event that matches, unless the page wants that part ignored. */
export function around(event: Event, selector: string): Element | null {
  const target = event.composedPath()[0] ?? event.target; // the path is gone once everybody has heard of it
  const found = target instanceof Element ? target.closest(selector) : null;
  return found?.closest("[data-footfall-ignore]") ? null : found;
}
