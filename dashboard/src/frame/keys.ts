/** Keys of the page: off while somebody types, and shown where they work. */
import { useEffect, useRef } from "react";
import { isTyping } from "../parts/drawer";

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** `r`, `?`, `/`, ` `, `mod+k`, or two in a row: `g l`. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    let before = "";
    let at = 0;
    const onKey = (event: KeyboardEvent): void => {
      const mod = event.metaKey || event.ctrlKey;
      if (event.altKey || (isTyping(event.target) && !mod)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const onButton = event.target instanceof HTMLElement && /^(BUTTON|A|SUMMARY)$/.test(event.target.tagName);
      if (key === " " && onButton) return; // it presses the button
      const both = performance.now() - at < 1_000 ? `${before} ${key}` : key;
      const found = latest.current[mod ? `mod+${key}` : both] ?? latest.current[mod ? "" : key];
      [before, at] = [key, performance.now()];
      if (!found || event.defaultPrevented) return;
      event.preventDefault();
      found(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
