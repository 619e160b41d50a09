/** What the API tells of a session's way, as marks of a trail and in words. */
import type { Schema } from "../api/client";
import { shortId } from "../words/numbers";
import { markOf, TrailMark, type Mark, type TrailEvent } from "./trail";

/** The events of a trail, to be drawn. */
export const marksOf = (trail: Schema<"Trail">): TrailEvent[] =>
  trail.events.map((event) => ({ time: Date.parse(event.timestamp), mark: markOf(event.kind), visitorClass: event.visitor_class }));

/** `user 20418`, else the visitor's or the session's id, shortened. */
export function visitorOf(session: { owner: string; user_id: string | null }): { name: string; whole: string; known: boolean } {
  if (session.user_id !== null) return { name: shortId(session.user_id, 16), whole: session.user_id, known: true };
  return { name: shortId(session.owner.slice(2)), whole: session.owner, known: false };
}

const DEVICES: Readonly<Record<string, string>> = { mobile: "phone", desktop: "computer" };

/** `Paris, phone`; what is unknown is left out. */
export function whereabouts(trail: Schema<"Trail">): string {
  const device = trail.device === null ? null : (DEVICES[trail.device] ?? trail.device);
  return [trail.city ?? trail.region ?? trail.country, device].filter(Boolean).join(", ");
}

const LEGEND: readonly [Mark, string][] = [
  ["view", "view"],
  ["cart", "cart"],
  ["uncart", "removed"],
  ["purchase", "order"],
  ["other", "other"],
];

/** What the marks of a trail mean. */
export function TrailLegend() {
  return (
    <span className="trail-legend wide" aria-hidden="true">
      {LEGEND.map(([mark, name]) => (
        <span key={mark}>
          <svg width="12" height="17">
            <TrailMark mark={mark} x={6} y={16} fill="var(--ink-2)" />
          </svg>
          {name}
        </span>
      ))}
    </span>
  );
}
