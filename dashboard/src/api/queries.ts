import { QueryClient, keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
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

export interface Asking {
  /** False waits, because something is not known yet. */
  enabled?: boolean;
  /** Ask again every so many milliseconds while the page is seen. */
  every?: number;
}

/** The answer of the API to a question; while another is asked, the last one stays. */
export function useAnswer<Answer>(path: string, params: Params = {}, asking: Asking = {}): UseQueryResult<Answer> {
  return useQuery({
    queryKey: [path, params],
    queryFn: ({ signal }) => get<Answer>(path, params, signal),
    enabled: asking.enabled ?? true,
    refetchInterval: asking.every ?? false,
    placeholderData: keepPreviousData,
  });
}
