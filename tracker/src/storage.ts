/** What outlives a page, by name, as far as the browser grants it. */

import { safely } from "./safely";

/**
 * `localStorage`, shared by the tabs of an origin. What it refuses (blocked, full) is kept in memory, so that within a
 * page nothing is forgotten.
 */
export class Storage {
  private readonly _refused = new Map<string, string>();

  /** `space` begins every name, so that two trackers on a page keep apart. */
  constructor(private readonly _space: string) {}

  get(name: string): string | undefined {
    const key = this._space + name;
    return this._refused.get(key) ?? safely(() => localStorage.getItem(key))() ?? undefined;
  }

  set(name: string, text: string): void {
    const key = this._space + name;
    this._refused.set(key, text);
    safely(() => {
      localStorage.setItem(key, text);
      this._refused.delete(key);
    })();
  }

  remove(name: string): void {
    const key = this._space + name;
    this._refused.delete(key);
    safely(() => localStorage.removeItem(key))();
  }

  /** The ends of the names that begin with `prefix`. */
  names(prefix: string): string[] {
    const start = this._space + prefix;
    const all = [...(safely(() => Object.keys(localStorage))() ?? []), ...this._refused.keys()];
    return all.filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  }
}
