/** What the visitor agrees to: a choice made on this site, else the browser's signal, else what the page says. */

import type { Consent } from "./options";
import type { Storage } from "./storage";

const MODES: readonly Consent[] = ["none", "cookieless", "full"];
const NAME = "consent";

export class Choice {
  private readonly _default: Consent;

  constructor(
    private readonly _storage: Storage,
    stated: Consent = "full",
  ) {
    // A word that is none of the three is a mistake, and no consent.
    this._default = refused() || !MODES.includes(stated) ? "none" : stated;
  }

  /** As of now; another tab may have changed it. */
  mode(): Consent {
    const made = this._storage.get(NAME) as Consent;
    return MODES.includes(made) ? made : this._default;
  }

  make(mode: Consent): void {
    this._storage.set(NAME, MODES.includes(mode) ? mode : "none");
  }
}

/** Whether the browser says by itself that its user wants no tracking (https://w3c.github.io/gpc/). */
function refused(): boolean {
  return (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true || navigator.doNotTrack === "1";
}
