import { useLayoutEffect, useRef, useState, type RefObject } from "react";

/** The width in pixels of what `ref` stands on, also after it changed: drawings that are not scaled need it. */
export function useWidth<Place extends HTMLElement>(usual: number): [RefObject<Place | null>, number] {
  const place = useRef<Place>(null);
  const [width, setWidth] = useState(usual);
  useLayoutEffect(() => {
    const here = place.current;
    if (!here) return undefined;
    const measure = (): void => setWidth(Math.floor(here.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(here);
    return () => observer.disconnect();
  }, []);
  return [place, width];
}
