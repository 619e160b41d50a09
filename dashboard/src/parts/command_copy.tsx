/** Copies the command that asks what a tile or a drawer shows; nothing where there is none. */
import { useState } from "react";
import type { Ask } from "../state/ask";
import { commandOf } from "./command";
import { copy } from "./download";

export function CommandCopy({ of, className = "link" }: { of: Ask; className?: string }) {
  const [told, tell] = useState("");
  const command = commandOf(of);
  if (command === null) return null;
  return (
    <button type="button" className={className} title={command} aria-live="polite" onClick={() => void copy(command).then((done) => tell(done ? "Copied" : "Not allowed to copy"))}>
      {told || "Command"}
    </button>
  );
}
