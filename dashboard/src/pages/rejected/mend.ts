/** How rejected events are mended before another try, as the API has it. */
export type Fix = "none" | "map" | "set" | "drop" | "trusted";

export interface Form {
  fix: Fix;
  path: string;
  to: string;
}

export const FIXES: readonly { value: Fix; label: string }[] = [
  { value: "none", label: "as they are, under today's settings" },
  { value: "map", label: "with a field moved" },
  { value: "set", label: "with a field set" },
  { value: "drop", label: "without a field" },
  { value: "trusted", label: "believed as a server's" },
];

/** What is sent beside the reason. A value that reads as JSON is that, else it is text. */
export function asked({ fix, path, to }: Form): Record<string, unknown> {
  if (fix === "map") return { map: { [path]: to } };
  if (fix === "set") return { set: { [path]: valueOf(to) } };
  if (fix === "drop") return { drop: [path] };
  return fix === "trusted" ? { trusted: true } : {};
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
