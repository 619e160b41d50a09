/**
 * What the page says of itself to programs: a tile and a drawer carry the questions that they answer, with the commands
 * that ask the same, and every number that opens people or sessions says how many (`data-figure`). One test walks them all.
 */
import { address } from "../api/client";
import type { Ask } from "../state/ask";
import { commandOf } from "./command";

/** The attributes of what shows the answers of `asks`. */
export const asking = (...asks: readonly Ask[]): Readonly<Record<"data-question" | "data-command", string>> => ({
  "data-question": asks.map(({ path, params }) => address(path, params)).join(" "),
  "data-command": asks.map((ask) => commandOf(ask) ?? "").join("\n"),
});
