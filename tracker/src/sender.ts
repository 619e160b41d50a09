/** Brings the queue to Footfall: in batches, again and again until it is acknowledged, and once more while leaving. */

import { BATCH_CHARACTERS, ORPHANED_MS, type Queue } from "./queue";
import { safely, swallow } from "./safely";

const MOST_IN_A_BATCH = 100;
const LONGEST_WAIT_MS = 30 * 60_000;

/** Answers to the body itself, which would be refused again; for any other one the operator may find a remedy. */
const REFUSED: readonly number[] = [400, 413, 415, 422];

export interface Reply {
  /** Of HTTP; 0 when there was no answer. */
  status: number;
  /** Seconds to wait, where the answer names some. */
  after: number;
}

export type Post = (body: string) => Promise<Reply>;

export interface Rhythm {
  batchSize: number;
  flushInterval: number;
}

export class Sender {
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _flight: Promise<void> | undefined;
  private _failures = 0;
  private _notBefore = 0;
  private _most = MOST_IN_A_BATCH;
  private _othersWait = false;

  constructor(
    private readonly _queue: Queue,
    private readonly _post: Post,
    private readonly _key: string | undefined,
    private readonly _rhythm: Rhythm,
  ) {}

  /** See to it that what waits is sent in time. */
  nudge(): void {
    if (Date.now() < this._notBefore) this._wait(this._notBefore - Date.now());
    else if (this._queue.size >= this._rhythm.batchSize) void this.flush();
    else if (this._queue.size) this._wait(this._rhythm.flushInterval);
    else if (this._othersWait) this._wait(ORPHANED_MS);
  }

  /** Try to send everything now; ends when all is acknowledged or something failed, and never fails itself. */
  flush(): Promise<void> {
    clearTimeout(this._timer);
    this._timer = undefined;
    this._flight ??= this._sendAll()
      .catch(swallow)
      .then(() => {
        this._flight = undefined;
        this.nudge();
      });
    return this._flight;
  }

  /** Send what is not under way yet in one go, because nothing can be waited for. */
  leave(): void {
    let batch: string[];
    while ((batch = this._queue.take(this._most)).length) void this._deliver(batch).catch(swallow);
  }

  /** There may be a network again. */
  retry(): void {
    this._failures = this._notBefore = 0;
    void this.flush();
  }

  private async _sendAll(): Promise<void> {
    this._othersWait = this._queue.adopt();
    let batch: string[];
    while ((batch = this._queue.take(this._most)).length) if (!(await this._deliver(batch))) return;
  }

  /** Whether to go on at once. */
  private async _deliver(batch: readonly string[]): Promise<boolean> {
    const envelope = JSON.stringify({ write_key: this._key, sent_at: Date.now() }).slice(0, -1);
    const { status, after } = await this._post(`${envelope},"events":[${this._queue.texts(batch)}]}`);
    const refused = REFUSED.includes(status);
    if (refused && batch.length > 1) {
      this._queue.settle(batch, false); // one of them spoils it, or they are too many
      this._most = Math.ceil(batch.length / 2);
      return true;
    }
    if (refused) swallow(`an event was refused with status ${status}`);
    const done = refused || (status >= 200 && status < 300);
    if (done && !refused) this._most = Math.min(this._most * 2, MOST_IN_A_BATCH);
    this._queue.settle(batch, done);
    this._failures = done ? 0 : this._failures + 1;
    this._notBefore = done ? 0 : Date.now() + pause(this._failures, after);
    return done;
  }

  private _wait(ms: number): void {
    this._timer ??= setTimeout(() => void this.flush(), ms);
  }
}

/** Milliseconds until the next try: twice as long each time, spread, and not before the server wants it. */
export function pause(failures: number, after: number, chance: number = Math.random()): number {
  const backoff = Math.min(2 ** failures * 1_000, LONGEST_WAIT_MS) * (0.5 + chance / 2);
  return Math.max(backoff, Math.min(after * 1_000, LONGEST_WAIT_MS) || 0);
}

/** Posts to `url` without anything that needs a preflight, so that the request may outlive its page. */
export function poster(url: string): Post {
  return async (body) => {
    try {
      if (!("keepalive" in Request.prototype)) throw new Error("no keepalive");
      const keepalive = body.length < BATCH_CHARACTERS + 500;
      const answer = await fetch(url, { method: "POST", body, keepalive, credentials: "omit" });
      return { status: answer.status, after: Number(answer.headers.get("retry-after")) };
    } catch (fault) {
      swallow(fault);
      safely(() => document.visibilityState === "hidden" && navigator.sendBeacon(url, body))();
      return { status: 0, after: 0 };
    }
  };
}
