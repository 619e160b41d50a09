/** As much of a browser as the parts without a page need. */

import { webcrypto } from "node:crypto";

/** Give `crypto`, which Node 18 keeps apart. */
export function giveChance(): void {
  if (!("crypto" in globalThis)) Object.assign(globalThis, { crypto: webcrypto });
}

/** Give `localStorage`, empty; with `refusing` every access fails, as it does where the user blocks it. */
export function giveStorage({ refusing = false } = {}): Record<string, string> {
  giveChance();
  const texts: Record<string, string> = {};
  const methods = {
    getItem: (name: string) => texts[name] ?? null,
    setItem: (name: string, text: string) => {
      texts[name] = text;
    },
    removeItem: (name: string) => {
      delete texts[name];
    },
  };
  const given = new Proxy(texts, {
    get: (_, name) => methods[name as keyof typeof methods] ?? texts[name as string],
  });
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get: () => {
      if (refusing) throw new Error("SecurityError");
      return given;
    },
  });
  return texts;
}

/** Time that passes only when a test says so. */
export class Timers {
  private _now = 0;
  private readonly _waiting = new Map<number, [due: number, work: () => void]>();

  constructor() {
    let last = 0;
    Object.assign(globalThis, {
      setTimeout: (work: () => void, ms: number): number => {
        this._waiting.set(++last, [this._now + ms, work]);
        return last;
      },
      clearTimeout: (timer: number): boolean => this._waiting.delete(timer),
    });
  }

  /** Let `ms` pass, and run what has become due. */
  tick(ms: number): void {
    this._now += ms;
    for (const [timer, [due, work]] of [...this._waiting]) {
      if (due > this._now) continue;
      this._waiting.delete(timer);
      work();
    }
  }
}

/** Give a `navigator` and a `location`. */
export function givePage(address: string, signals: Record<string, unknown> = {}): void {
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: signals });
  Object.defineProperty(globalThis, "location", { configurable: true, value: new URL(address) });
  Object.defineProperty(globalThis, "document", { configurable: true, value: { title: "A page" } });
}
