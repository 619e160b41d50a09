/** The people behind a number, beside the page: not modal, `Esc` closes, and the focus returns to what opened it. */
import { useEffect, useRef, type ReactNode } from "react";
import type { Ask } from "../state/ask";
import { asking } from "./asking";
import { Button } from "./button";
import { CommandCopy } from "./command_copy";

interface DrawerProps {
  title: ReactNode;
  /** Small, above the title: what was opened. */
  of?: ReactNode;
  close(): void;
  /** What `→` does: the next bar. */
  next?: (() => void) | undefined;
  foot?: ReactNode;
  /** The question whose answer it shows. */
  ask?: Ask;
  children: ReactNode;
}

export function Drawer({ title, of, close, next, foot, ask, children }: DrawerProps) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    place.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event.target)) return;
      if (event.key === "Escape") close();
      else if (event.key === "ArrowRight") next?.();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [close, next]);
  return (
    <aside ref={place} className="drawer" tabIndex={-1} aria-label={typeof title === "string" ? title : "Behind this number"} {...(ask && asking(ask))}>
      <header>
        <div>
          {of && <p className="small soft">{of}</p>}
          <h2>{title}</h2>
        </div>
        <Button look="quiet" aria-label="Close" onClick={close}>
          ✕
        </Button>
      </header>
      <div className="drawer-body">{children}</div>
      {(foot || next || ask) && (
        <footer>
          {foot}
          {ask && <CommandCopy of={ask} className="button quiet" />}
          {next && (
            <Button look="quiet" shortcut="→" onClick={next}>
              Next bar
            </Button>
          )}
        </footer>
      )}
    </aside>
  );
}

/** Whether keys belong to a field. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName));
}
