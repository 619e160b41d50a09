/** Events that have not been acknowledged: kept over reloads, one stored text each, for at most 20 hours. */

import { newId, timeOf } from "./ids";
import type { Storage } from "./storage";

const PREFIX = "event:";

/** Events kept; the oldest give way. */
const MOST = 1_000;

/** Footfall knows an id again for 24 hours by default, so what is sent after 20 can't be stored twice. */
const LASTS_MS = 20 * 3_600_000;

/** Age at which a stored event of another page is taken over; were it sent by both, its id stores it once. */
export const ORPHANED_MS = 10_000;

/** Characters of a batch; even of three bytes each they stay under the 64 kB that a page may send while it is left. */
export const BATCH_CHARACTERS = 20_000;

export class Queue {
  private readonly _texts = new Map<string, string>();
  private readonly _sending = new Set<string>();

  /** Nothing is stored, and nothing looked up, unless it `mayStore`. */
  constructor(
    private readonly _storage: Storage,
    private readonly _mayStore: () => boolean,
    private readonly _now: () => number = Date.now,
  ) {}

  /** How many could be sent. */
  get size(): number {
    return this._texts.size - this._sending.size;
  }

  /** Keep `event`, with an id and the time, and say the id. */
  add(event: object): string {
    const id = newId(this._now());
    const text = JSON.stringify({ event_id: id, timestamp: timeOf(id), ...event });
    this._texts.set(id, text);
    if (this._mayStore()) this._storage.set(PREFIX + id, text);
    while (this._texts.size > MOST) this.remove([this._texts.keys().next().value!]);
    return id;
  }

  /** Take over what pages before this one, or tabs that are no more, have left; whether some are too young for it. */
  adopt(): boolean {
    let young = false;
    for (const id of this._mayStore() ? this._storage.names(PREFIX) : []) {
      const text = this._storage.get(PREFIX + id);
      if (!text || this._texts.has(id)) continue;
      if (this._now() - timeOf(id) > ORPHANED_MS) this._texts.set(id, text);
      else young = true;
    }
    return young;
  }

  /** The next ids to be sent, oldest first; they are not given out again before `settle`. */
  take(most: number): string[] {
    const batch: string[] = [];
    let characters = 0;
    for (const id of [...this._texts.keys()].sort()) {
      if (this._sending.has(id)) continue;
      if (this._now() - timeOf(id) > LASTS_MS) {
        this.remove([id]);
        continue;
      }
      characters += this._texts.get(id)!.length;
      if (batch.length && (batch.length === most || characters > BATCH_CHARACTERS)) break;
      batch.push(id);
    }
    for (const id of batch) this._sending.add(id);
    return batch;
  }

  /** The JSON of a batch's events, separated by commas. */
  texts(batch: readonly string[]): string {
    return batch.map((id) => this._texts.get(id)).join();
  }

  /** End what `take` began: a batch that is `done` is forgotten, another one waits to be taken again. */
  settle(batch: readonly string[], done: boolean): void {
    for (const id of batch) this._sending.delete(id);
    if (done) this.remove(batch);
  }

  /** Forget events, unless they are being sent already: that can't be taken back. */
  remove(ids: readonly string[]): void {
    for (const id of ids) {
      if (this._sending.has(id)) continue;
      this._texts.delete(id);
      this._storage.remove(PREFIX + id);
    }
  }

  /** Forget everything. */
  clear(): void {
    this.remove([...this._texts.keys()]);
  }

  /** Leave nothing in storage, of this page or another, but send what there is. */
  unstore(): void {
    for (const id of this._storage.names(PREFIX)) this._storage.remove(PREFIX + id);
  }
}
