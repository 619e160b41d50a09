/** Which of a person's events are a session's, as its trail. */
import type { Schema } from "../../api/client";
import { markOf, type TrailEvent } from "../../parts/trail";

type Session = Schema<"SessionItem">;
type Event = Schema<"EventItem">;

/** Whom an event belongs to, as sessions name it: its session id, else its visitor, else its user. */
export function ownerOf(event: Event): string {
  if (event.session_id) return `s:${event.session_id}`;
  return event.visitor_id ? `v:${event.visitor_id}` : `u:${event.user_id ?? ""}`;
}

/** The session of an event; undefined of one outside all of these: a passive one, or one of an older visit. */
export function sessionOf(event: Event, sessions: readonly Session[]): Session | undefined {
  const [owner, time] = [ownerOf(event), Date.parse(event.timestamp)];
  return sessions.find((one) => one.owner === owner && Date.parse(one.session_start) <= time && time <= Date.parse(one.session_end));
}

/**
 * The session's events, the oldest first, as milliseconds since its start; null when `events` (the newest first) may not
 * hold all of them. Which class an event led to is only known of the last one.
 */
export function trailOf(session: Session, events: readonly Event[], whole: boolean): TrailEvent[] | null {
  const start = Date.parse(session.session_start);
  const oldest = events.at(-1);
  if (!whole && (!oldest || Date.parse(oldest.timestamp) >= start)) return null;
  const own = events.filter((event) => sessionOf(event, [session])).reverse();
  return own.map((event, index) => ({
    time: Date.parse(event.timestamp) - start,
    mark: markOf(event.kind),
    visitorClass: index === own.length - 1 ? session.visitor_class : null,
  }));
}
