/** Who the visitor is, and which visit this is; shared by all tabs of an origin. */

import { newId } from "./ids";
import type { Storage } from "./storage";

/** Silence after which the visitor's next act begins a new session; exactly so long does not. */
const GAP_MS = 30 * 60_000;

export interface Owner {
  visitor_id?: string;
  user_id?: string;
  session_id: string;
}

export class Identity {
  constructor(private readonly _storage: Storage) {}

  /**
   * Whose the event at `now` is. Only what the visitor does (`acts`) begins a session; what is merely measured belongs
   * to the session that there is, however long ago it was.
   */
  owner(now: number, acts: boolean): Owner {
    const user = this._storage.get("user");
    return { visitor_id: this._visitor(), ...(user && { user_id: user }), session_id: this._session(now, acts) };
  }

  know(user: string): void {
    this._storage.set("user", user);
  }

  /** The next event is a stranger's. */
  forget(): void {
    for (const name of ["visitor", "user", "session"]) this._storage.remove(name);
  }

  private _visitor(): string {
    const known = this._storage.get("visitor");
    if (known) return known;
    const made = newId();
    this._storage.set("visitor", made);
    return made;
  }

  private _session(now: number, acts: boolean): string {
    const [known, lately] = (this._storage.get("session") ?? "").split(" ");
    const fresh = now - Number(lately) <= GAP_MS;
    const id = known && (fresh || !acts) ? known : newId();
    if (id !== known || fresh) this._storage.set("session", `${id} ${now}`);
    return id;
  }
}
