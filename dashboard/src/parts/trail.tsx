/** A session as a line of marks, each in the colour of the class that the visitor had at that event. */
import { memo } from "react";
import { duration } from "../words/times";
import { className, isClass, TOKEN } from "./classes";

export type Mark = "view" | "cart" | "uncart" | "purchase" | "other";

export interface TrailEvent {
  /** When, as milliseconds since the epoch. */
  time: number;
  mark: Mark;
  /** The class after this event; null draws it in ink. */
  visitorClass: string | null;
}

/** How an event kind of the API is drawn. */
export function markOf(kind: string): Mark {
  if (kind === "page" || kind === "view") return "view";
  if (kind === "cart" || kind === "uncart" || kind === "purchase") return kind;
  return "other";
}

const colour = (visitorClass: string | null): string =>
  visitorClass !== null && isClass(visitorClass) ? `var(--${TOKEN[visitorClass]})` : "var(--ink-3)";

/** One mark, standing on `y`; also for legends and larger drawings (`scale`). */
export function TrailMark({ mark, x, y, fill, scale = 1 }: { mark: Mark; x: number; y: number; fill: string; scale?: number }) {
  const place = `translate(${x} ${y}) scale(${scale})`;
  if (mark === "view") return <rect transform={place} x={-1} y={-7} width={2} height={7} fill={fill} />;
  if (mark === "purchase")
    return (
      <g transform={place} fill={fill}>
        <path d="M0 -15l5 5-5 5-5-5z" />
        <rect x={-1} y={-6} width={2} height={6} />
      </g>
    );
  if (mark === "cart")
    return (
      <g transform={place} fill={fill}>
        <rect x={-1} y={-13} width={2} height={13} />
        <rect x={-3} y={-14} width={6} height={5} rx={0.5} />
      </g>
    );
  if (mark === "uncart")
    return (
      <g transform={place} fill={fill}>
        <rect x={-0.5} y={-13} width={1} height={13} />
        <rect x={-2.5} y={-13.5} width={5} height={4} stroke={fill} style={{ fill: "var(--paper)" }} />
      </g>
    );
  return <circle transform={place} cy={-2} r={1.5} fill={fill} />;
}

interface TrailProps {
  events: readonly TrailEvent[];
  /** The axis that all trails of a table share. */
  from: number;
  to: number;
  width?: number;
  height?: number;
}

/** `11 events in 11 min 05 s, one cart, engaged shopper`. */
export function trailInWords(events: readonly TrailEvent[]): string {
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last) return "no events";
  const carts = events.filter((event) => event.mark === "cart").length;
  const orders = events.filter((event) => event.mark === "purchase").length;
  const words = [`${events.length} ${events.length === 1 ? "event" : "events"} in ${duration((last.time - first.time) / 1000)}`];
  if (carts) words.push(carts === 1 ? "one cart" : `${carts} carts`);
  if (orders) words.push(orders === 1 ? "one order" : `${orders} orders`);
  if (last.visitorClass) words.push(className(last.visitorClass));
  return words.join(", ");
}

export const Trail = memo(function Trail({ events, from, to, width = 210, height = 20 }: TrailProps) {
  const x = (time: number): number => 3 + ((time - from) / Math.max(1, to - from)) * (width - 6);
  const shown = events.filter((event) => event.time >= from && event.time <= to);
  const [first, last] = [shown[0], shown.at(-1)];
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={trailInWords(events)} className="trail">
      {first && last && (
        <line x1={x(first.time)} x2={x(last.time)} y1={height - 0.5} y2={height - 0.5} stroke="var(--rule-2)" />
      )}
      {shown.map((event, index) => (
        <TrailMark key={index} mark={event.mark} x={x(event.time)} y={height - 1} fill={colour(event.visitorClass)} />
      ))}
    </svg>
  );
});
