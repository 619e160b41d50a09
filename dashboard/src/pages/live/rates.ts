import { useEffect, useRef } from "react";
import type { Counters } from "../../api/live";

const SECONDS = 600;

/** The rates of the last ten minutes, a bounded number of them. */
export function useRates(counters: Counters | null): readonly number[] {
  const rates = useRef<{ of: readonly number[]; at: string }>({ of: [], at: "" });
  useEffect(() => {
    if (!counters || counters.time === rates.current.at) return;
    rates.current = { of: [...rates.current.of.slice(1 - SECONDS), counters.events_per_second], at: counters.time };
  }, [counters]);
  return rates.current.of;
}
