/**
 * What a page shows stands in its address, all of it, so that a link is a view. Values are text; what equals the
 * page's default is left out.
 */
import { useCallback, useMemo } from "react";
import { useLocation } from "wouter";
import { useSearch } from "wouter/use-browser-location"; // as it stands: the other one unescapes it before it is read

export interface View {
  /** The value of a parameter, or null. */
  get(name: string): string | null;
  all(name: string): string[];
  /** Change some parameters; null removes one. `replace` adds no step to the browser's history. */
  set(changes: Readonly<Record<string, string | readonly string[] | null>>, replace?: boolean): void;
  /** The address of this page with other parameters. */
  link(changes: Readonly<Record<string, string | readonly string[] | null>>): string;
}

export function useView(): View {
  const search = useSearch();
  const [path, go] = useLocation();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const link = useCallback<View["link"]>(
    (changes) => {
      const next = new URLSearchParams(search);
      for (const [name, value] of Object.entries(changes)) {
        next.delete(name);
        if (Array.isArray(value)) for (const one of value as readonly string[]) next.append(name, one);
        else if (typeof value === "string") next.set(name, value);
      }
      const text = next.toString();
      return text ? `${path}?${text}` : path;
    },
    [search, path],
  );
  return useMemo(
    () => ({
      get: (name) => params.get(name),
      all: (name) => params.getAll(name),
      set: (changes, replace = false) => go(link(changes), { replace }),
      link,
    }),
    [params, link, go],
  );
}
