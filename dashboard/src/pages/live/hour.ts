import { useEffect, useState } from "react";
import type { Schema } from "../../api/client";
import { useProject } from "../../state/project";

/** The parameters of a question about the last hour, as of the last full minute. */
export interface Hour {
  from: string;
  zone: string;
  project: string;
  [name: string]: string;
}

const MINUTE = 60_000;

/** The present minute, which goes on by itself. */
export function useMinute(): number {
  const [minute, setMinute] = useState(() => Math.floor(Date.now() / MINUTE));
  useEffect(() => {
    const clock = window.setInterval(() => setMinute(Math.floor(Date.now() / MINUTE)), 1_000);
    return () => window.clearInterval(clock);
  }, []);
  return minute;
}

export function useHour(minute: number): Hour {
  const { zone, id: project } = useProject();
  return { from: new Date((minute - 60) * MINUTE).toISOString(), zone, project };
}

/** A breakdown whose rows are known to be of one kind. */
export type BreakdownOf<Row> = Omit<Schema<"Breakdown">, "rows" | "total"> & { rows: readonly Row[]; total: Row };
