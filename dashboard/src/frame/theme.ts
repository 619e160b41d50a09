/** Light or dark: the system's, unless the reader chose; the choice is kept in this browser. */
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";
const KEY = "footfall.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const watchers = new Set<() => void>();

function chosen(): Theme | null {
  const kept = window.localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : null;
}

const shown = (): Theme => chosen() ?? (system.matches ? "dark" : "light");

function apply(): void {
  document.documentElement.dataset["theme"] = shown();
  for (const told of watchers) told();
}

export function beginTheme(): void {
  system.addEventListener("change", apply);
  apply();
}

/** Keep a choice; null follows the system again. */
export function chooseTheme(theme: Theme | null): void {
  if (theme) window.localStorage.setItem(KEY, theme);
  else window.localStorage.removeItem(KEY);
  apply();
}

function watch(told: () => void): () => void {
  watchers.add(told);
  return () => watchers.delete(told);
}

export function useTheme(): Theme {
  return useSyncExternalStore(watch, shown);
}
