/** A button with a panel that floats below it: `Esc` and a click elsewhere close it, and the focus returns to the button. */
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import "./popover.css";

interface PopoverProps {
  /** What the panel is about, to readers. */
  label: string;
  /** What stands on the button: its name, too. */
  button: ReactNode;
  className?: string;
  /** The panel's right edge is the button's: for what stands at the right of the page. */
  toLeft?: boolean;
  onKeyDown?(event: KeyboardEvent): void;
  children(close: () => void): ReactNode;
}

export function Popover({ label, button, className = "link", toLeft = false, onKeyDown, children }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const [place, opener] = [useRef<HTMLSpanElement>(null), useRef<HTMLButtonElement>(null)];
  const id = useId();
  const close = (): void => {
    setOpen(false);
    opener.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    place.current?.querySelector<HTMLElement>(".floating input, .floating select, .floating button")?.focus();
    const onDown = (event: PointerEvent): void => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    window.addEventListener("pointerdown", onDown);
    return () => window.removeEventListener("pointerdown", onDown);
  }, [open]);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (!open) onKeyDown?.(event);
  };
  return (
    <span ref={place} className="popover" onKeyDown={onKey}>
      <button ref={opener} type="button" className={className} aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setOpen(!open)}>
        {button}
      </button>
      {open && (
        <div id={id} role="group" aria-label={label} className={`floating${toLeft ? " to-left" : ""}`}>
          {children(close)}
        </div>
      )}
    </span>
  );
}
