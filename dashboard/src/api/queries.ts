import { QueryClient, keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { Ask } from "../state/ask";
import { get, Problem, type Params } from "./client";

/** Answers are asked again when the page is looked at again; faults of the question are not retried. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      gcTime: 300_000,
      retry: (failures, error) => failures < 2 && !(error instanceof Problem && error.status < 500),
    },
  },
});

/** An answer with the question that it is asked by. */
export type Answered<Answer> = UseQueryResult<Answer> & { ask: Ask };

/** The question of an answer; null of one that is made of several. */
export const askOf = (found: UseQueryResult<unknown> | Answered<unknown>): Ask | null => ("ask" in found ? found.ask : null);

export interface Asking {
  /** False waits, because something is not known yet. */
  enabled?: boolean;
  /** Ask again every so many milliseconds while the page is seen. */
  every?: number;
}

/** The answer of the API to a question; while another is asked, the last one stays. */
export function useAnswer<Answer>(path: string, params: Params = {}, asking: Asking = {}): Answered<Answer> {
  const found = useQuery({
    queryKey: [path, params],
    queryFn: ({ signal }) => get<Answer>(path, params, signal),
    enabled: asking.enabled ?? true,
    refetchInterval: asking.every ?? false,
    placeholderData: keepPreviousData,
  });
  return { ...found, ask: { path, params } };
}
