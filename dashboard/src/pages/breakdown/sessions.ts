/** The figures of sessions by where they came from: channels, campaigns, places. */
import type { Schema } from "../../api/client";
import type { Figure } from "./figures";

export type SessionRow = Schema<"SessionRow">;

export const SESSION_FIGURES: readonly Figure<SessionRow>[] = [
  { key: "sessions", head: "Sessions", means: "Sessions with an event in the range.", as: "count", counts: "sessions" },
  { key: "share", head: "Share", means: "Percentage of all sessions.", as: "percent", wide: true },
  { key: "people", head: "People", means: "Different people in these sessions.", as: "count", counts: "people", wide: true },
  { key: "bounces", head: "Bounces", means: "Sessions with one event that counts.", as: "count", counts: "sessions", wide: true },
  { key: "bounce_rate", head: "Bounce rate", means: "Bounces in percent of the sessions.", as: "percent", of: ["bounces", "sessions"], wide: true },
  { key: "avg_duration_minutes", head: "Duration", means: "Average time between a session's first and last event.", as: "minutes", wide: true },
  { key: "conversions", head: "Buying", means: "Sessions with a purchase.", as: "count", counts: "sessions", wide: true },
  { key: "conversion_rate", head: "Conversion", means: "Sessions with a purchase in percent of all.", as: "percent", of: ["conversions", "sessions"] },
  { key: "purchases", head: "Orders", means: "Purchases; of one order in a session only the first.", as: "count", wide: true },
  { key: "revenue", head: "Revenue", means: "Money of these purchases, in the project's currency.", as: "money" },
];

/** `5,794 of 21,192`, behind "most" where it is more than half, else "more … than". */
export const isMost = (part: number, whole: number): boolean => part * 2 > whole;
