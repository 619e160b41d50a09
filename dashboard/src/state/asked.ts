/** A question as its route takes it: what can be saved, put on a dashboard and asked again, by page, command or API. */
export interface Asked {
  kind: "trends" | "funnel" | "retention" | "paths" | "breakdown";
  params: Record<string, string | string[]>;
}
