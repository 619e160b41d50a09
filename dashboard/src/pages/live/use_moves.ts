/** The sessions that the page shows: renewed once a second at most, held still while somebody reads. */
import { useCallback, useEffect, useRef, useState } from "react";
import { get, type Schema } from "../../api/client";
import { useLive } from "../../api/live";
import { Moves, type Move, type Moved } from "./moves";

export const ROWS = 12;
const RENEW_MS = 1_000;

export interface Shown {
  /** When this was. */
  now: number;
  rows: readonly Move[];
  /** Sessions that moved since the page was paused. */
  newer: number;
  came(visitorClass: string): number;
  fresh(visitorClass: string): number;
  minutes: number;
}

/** `first` are sessions to begin with, the newest first. */
export function useMoves(project: string, paused: boolean, first: readonly Moved[] | undefined): Shown {
  const moves = useRef<Moves>(null);
  moves.current ??= new Moves(Date.now());
  const kept = moves.current;
  const [, renew] = useState(0);
  const held = useRef<{ at: number; rows: readonly Move[] } | null>(null);
  const begin = useRef<readonly Move[]>([]);
  if (first && begin.current.length === 0) begin.current = first.map((one) => ({ ...one, told: 0 }));
  useLive(
    useCallback(
      (kind: string, content: unknown) => {
        if (kind === "class") kept.add(content as Moved, Date.now());
      },
      [kept],
    ),
    project,
  );
  useEffect(() => {
    const clock = window.setInterval(() => renew((count) => (count + 1) % 1_000), RENEW_MS);
    return () => window.clearInterval(clock);
  }, []);
  const now = Date.now();
  const newest = filled(kept.newest(ROWS), begin.current);
  if (!paused) held.current = null;
  else held.current ??= { at: now, rows: newest };
  return {
    now,
    rows: held.current?.rows ?? newest,
    newer: held.current ? kept.after(held.current.at) : 0,
    came: (visitorClass) => kept.came(visitorClass, now),
    fresh: (visitorClass) => kept.fresh(visitorClass, now),
    minutes: kept.minutes(now),
  };
}

function filled(newest: readonly Move[], begin: readonly Move[]): readonly Move[] {
  if (newest.length >= ROWS) return newest;
  const known = new Set(newest.map((move) => move.session_id));
  return [...newest, ...begin.filter((move) => !known.has(move.session_id))].slice(0, ROWS);
}

type Trail = Schema<"Trail">;

/**
 * The trails of some sessions, asked for together: the next question waits for the answer of the one before, so a slow
 * server is asked less often, and only the trails that are shown are kept.
 */
export function useTrails(ids: readonly string[], project: string): ReadonlyMap<string, Trail> {
  const [trails, setTrails] = useState<ReadonlyMap<string, Trail>>(new Map());
  const wanted = useRef(ids);
  useEffect(() => {
    wanted.current = ids;
  });
  useEffect(() => {
    const gone = new AbortController();
    let timer = 0;
    const ask = async (): Promise<void> => {
      const session = wanted.current;
      if (session.length > 0 && !document.hidden) {
        try {
          const answer = await get<Schema<"Trails">>("/v1/trails", { session, project }, gone.signal);
          if (!gone.signal.aborted) setTrails(new Map(answer.items.map((trail) => [trail.session.session_id, trail])));
        } catch {
          // the rows stay as the stream told them; the freshness above says when that is old
        }
      }
      if (!gone.signal.aborted) timer = window.setTimeout(() => void ask(), session.length > 0 ? RENEW_MS : 200);
    };
    void ask();
    return () => {
      gone.abort();
      window.clearTimeout(timer);
    };
  }, [project]);
  return trails;
}
