/** What a page may say to its tracker: types and defaults. */

/** `none`: nothing is sent. `cookieless`: nothing is stored in the browser, no id is sent. `full`: both. */
export type Consent = "none" | "cookieless" | "full";

/** What is captured without being asked for. */
export type Capture =
  | "pages"
  | "clicks"
  | "outbound"
  | "downloads"
  | "scroll"
  | "time"
  | "forms"
  | "video"
  | "search"
  | "vitals"
  | "errors";

/** Facts of an event; anything that JSON can say. */
export type Properties = Readonly<Record<string, unknown>>;

export interface Options {
  /** A public write key. Without one the page's origin must be among Footfall's `keyless_origins`. */
  key?: string | undefined;
  /** Where events go; `/v1/events` of this page's origin, for a script tag of the script's. */
  apiEndpoint?: string | undefined;
  /** Events that are sent at once, without waiting for more. */
  batchSize?: number | undefined;
  /** Milliseconds after which fewer are sent. */
  flushInterval?: number | undefined;
  /** What holds until `consent` is called; Global Privacy Control and Do Not Track make it `none`. */
  consent?: Consent | undefined;
  /** false for nothing; else what is false is not captured, and everything else is. */
  capture?: boolean | Partial<Readonly<Record<Capture, boolean>>> | undefined;
  /** Parameters of addresses that hold what was searched for on this site. */
  searchParameters?: readonly string[] | undefined;
  /** Further parameters of addresses that may be told; but for those of campaigns and searches none is. */
  parameters?: readonly string[] | undefined;
  /** Whether the part of an address behind `#` tells pages apart. */
  hash?: boolean | undefined;
  /** Say on the console what could not be done. */
  debug?: boolean | undefined;
}

export const BATCH_SIZE = 10;
export const FLUSH_INTERVAL = 5_000;
export const SEARCH_PARAMETERS: readonly string[] = ["q", "query", "search", "s", "keyword", "keywords"];
