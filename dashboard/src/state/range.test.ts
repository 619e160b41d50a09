import { expect, test } from "vitest";
import { keptOf, RANGES, type RangeName } from "./range";

test("every range with a name is kept as one that goes with the days, but everything", () => {
  const kept = Object.fromEntries((Object.keys(RANGES) as RangeName[]).map((name) => [name, keptOf(name)["last"]]));
  expect(kept).toEqual({ "1h": "1h", "24h": "24h", today: "1d", "7d": "7d", "28d": "28d", "90d": "90d", "365d": "365d", all: undefined });
});
