/** The tracker: what a page can tell it, and what it sees for itself. */

import { masked, pageFacts, told } from "./address";
import { clicks } from "./captures/clicks";
import { lazily } from "./captures/lazy";
import { pages, searched } from "./captures/pages";
import { Choice } from "./choice";
import { sorted } from "./fields";
import { newId } from "./ids";
import { Identity } from "./identity";
import { BATCH_SIZE, FLUSH_INTERVAL, SEARCH_PARAMETERS, type Capture, type Consent, type Options, type Properties } from "./options";
import { Queue } from "./queue";
import { safely, tellFaults } from "./safely";
import { poster, Sender } from "./sender";
import type { Site } from "./site";
import { Storage } from "./storage";

export const VERSION = "0.1.0";
const ENDPOINT = "/v1/events";

/** Sends what happens on a page to Footfall. No method throws, and no promise fails. */
export class BehaviorTracker {
  private _options!: Options;
  private _choice!: Choice;
  private _identity!: Identity;
  private _queue!: Queue;
  private _sender!: Sender;
  private _loadId!: string;
  private _searches!: readonly string[];
  private _kept!: readonly string[];
  private readonly _leaveHooks: ((forGood: boolean) => void)[] = [];
  private readonly _viewHooks: (() => void)[] = [];
  private _page: Record<string, string> = {};
  private _before = "";
  private _automatic = "";

  constructor(options: Options = {}) {
    safely(() => this._begin(options))();
  }

  /** Tell that something happened. What an event has fields for (`product_id`, `price`, …) becomes one. */
  track(name: string, properties: Properties = {}): void {
    safely(() => {
      if (name === "page_view") this._view(properties, true);
      else this._send(name, ...sorted(properties, false));
    })();
  }

  /** Tell that a page is shown; while it waits to be sent, the automatic page view of the same address gives way. */
  page(properties: Properties = {}): void {
    safely(() => this._view(properties, true))();
  }

  /** Tell who the visitor is. Without cookies nobody is known, and nothing is sent; so with `group` and `alias`. */
  identify(userId: string | number, traits: Properties = {}): void {
    this._tellOfPerson("identify", userId, traits);
  }

  /** Tell that the visitor belongs to a company, a household, … */
  group(groupId: string | number, traits: Properties = {}): void {
    this._tellOfPerson("group", undefined, traits, { group_id: groupId });
  }

  /** Tell that `userId` is who has been known as `previousId`. */
  alias(userId: string | number, previousId: string | number): void {
    this._tellOfPerson("alias", userId, { previous_id: previousId });
  }

  /** Forget who the visitor is: at logout, on a shared device. */
  reset(): void {
    safely(() => this._identity.forget())();
  }

  /**
   * What the visitor agrees to from now on, kept for later pages; it stands above the browser's signals. A change of
   * those who are known, before it or after, is itself an event: so Footfall keeps to it on all their devices.
   */
  consent(mode: Consent): void {
    safely(() => {
      const before = this._choice.mode();
      const changed = mode !== before;
      if (changed && mode === "none") this._queue.clear();
      if (mode === "full") this._choice.make(mode);
      if (changed && this._choice.mode() === "full") this._send("consent", { mode }, {}, false);
      if (mode !== "full") {
        this._choice.make(mode);
        this._queue.unstore();
        this._identity.forget();
      }
      if (before === "none" && mode !== "none" && this._captures("pages")) this._view({}, false);
    })();
  }

  /** Send nothing any more, and forget everything, until `consent` is given. */
  optOut(): void {
    this.consent("none");
  }

  /** Send what waits; ends when it is acknowledged or could not be sent. */
  flush(): Promise<void> {
    return safely(() => this._sender.flush())() ?? Promise.resolve();
  }

  /** Call a method by its name, as `footfall.push(["track", "signup"])` does before and after the script has loaded. */
  push(...calls: readonly (readonly unknown[])[]): void {
    for (const call of calls) {
      safely(() => {
        const [method, ...given] = call;
        (this as unknown as Record<string, (...given: unknown[]) => unknown>)[String(method)]!(...given);
      })();
    }
  }

  private _tellOfPerson(name: string, userId: string | number | undefined, ...properties: Properties[]): void {
    safely(() => {
      if (this._choice.mode() !== "full") return;
      if (userId !== undefined) this._identity.know(String(userId));
      this._send(name, Object.assign({}, ...properties) as Properties, {}, false);
    })();
  }

  private _begin(options: Options): void {
    if (options.debug) tellFaults();
    const { key, apiEndpoint = ENDPOINT, batchSize = BATCH_SIZE, flushInterval = FLUSH_INTERVAL } = options;
    const storage = new Storage(`footfall:${key ?? apiEndpoint}:`);
    this._options = options;
    this._searches = this._captures("search") ? (options.searchParameters ?? SEARCH_PARAMETERS) : [];
    this._kept = this._searches.concat(options.parameters ?? []);
    this._choice = new Choice(storage, options.consent);
    this._identity = new Identity(storage);
    this._queue = new Queue(storage, () => this._choice.mode() === "full");
    this._sender = new Sender(this._queue, poster(apiEndpoint), key, { batchSize, flushInterval });
    this._loadId = newId();
    if ((document as { prerendering?: boolean }).prerendering) {
      document.addEventListener("prerenderingchange", safely(() => this._watch()), { once: true });
    } else this._watch();
  }

  private _watch(): void {
    const site = this._site();
    const on = (what: Capture): boolean => this._captures(what);
    site.on(document, "visibilitychange", () => document.visibilityState === "hidden" && this._leave(false));
    site.on(window, "pagehide", () => this._leave(true));
    site.on(window, "online", () => this._sender.retry());
    this._page = this._facts();
    clicks(site, on);
    lazily(site, on);
    pages(site, !!this._options.hash, () => this._told(true), () => this._show());
    this._show();
  }

  private _site(): Site {
    return {
      send: (name, properties, fields = {}, acts = true) => this._send(name, properties, fields, acts),
      told: (address) => told(address, this._kept),
      on: (target, type, heard) =>
        target.addEventListener(type, safely(heard) as EventListener, { capture: true, passive: true }),
      onLeave: (left) => this._leaveHooks.push(safely(left)),
      onView: (viewed) => this._viewHooks.push(safely(viewed)),
    };
  }

  /** Whether something is to be captured. */
  private _captures(what: Capture): boolean {
    const capture = this._options.capture ?? true;
    return typeof capture === "boolean" ? capture : (capture[what] ?? true);
  }

  private _facts(): Record<string, string> {
    return pageFacts(this._kept, !!this._options.hash);
  }

  /** Another page is shown, by loading or by a script. */
  private _show(): void {
    this._page = this._facts();
    for (const viewed of this._viewHooks) viewed();
    if (this._captures("pages")) this._view({}, false);
    const words = searched(this._searches);
    if (words) this._send("search_query", { query: masked(words) });
  }

  private _view(properties: Properties, byHand: boolean): void {
    this._page = this._facts();
    const [rest, stated] = sorted(properties, true);
    const referrer = this._before || document.referrer;
    const fields = { ...(referrer && { referrer: told(referrer, this._kept) }), ...stated };
    const context = { tracker: `js ${VERSION}`, language: navigator.language, screen: `${screen.width}×${screen.height}` };
    if (byHand && this._automatic) this._queue.remove([this._automatic]);
    const id = this._send("page_view", rest, { ...fields, context });
    this._automatic = byHand ? "" : id;
  }

  /** The page is hidden, or left `forGood`: whatever waits must go out now. */
  private _leave(forGood: boolean): void {
    this._told(forGood);
    this._sender.leave();
  }

  /** Let captures tell what they know of the page that is left. */
  private _told(forGood: boolean): void {
    for (const left of this._leaveHooks) left(forGood);
    if (forGood) [this._before, this._automatic] = [this._page["page_url"] ?? "", ""];
  }

  /** Put an event into the queue, if the visitor agrees, and say its id. */
  private _send(name: string, properties: Properties, fields: Properties = {}, acts = true): string {
    const mode = this._choice.mode();
    if (mode === "none") return "";
    const owner = mode === "full" ? this._identity.owner(Date.now(), acts) : { session_id: this._loadId };
    const id = this._queue.add({ name, ...owner, ...this._page, ...fields, properties });
    this._sender.nudge();
    return id;
  }
}
