import { useEffect, useRef, type ReactNode } from "react";

/** A modal dialog: the browser's own, so focus stays in it and `Esc` closes it. */
export function Dialog({ label, close, children }: { label: string; close: () => void; children: ReactNode }) {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={place}
      aria-label={label}
      onClose={close}
      onClick={(event) => {
        if (event.target === event.currentTarget) close();
      }}
    >
      {children}
    </dialog>
  );
}
