/** Something that a button does: whether it is under way, what came of it, and what went wrong. */
import { useState } from "react";

export interface Doing {
  busy: boolean;
  said: string;
  wrong: string;
  tell(text: string): void;
  run(work: () => Promise<void>): void;
}

export function useDoing(): Doing {
  const [busy, setBusy] = useState(false);
  const [said, tell] = useState("");
  const [wrong, setWrong] = useState("");
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    setWrong("");
    tell("");
    work()
      .catch((error: unknown) => setWrong(error instanceof Error ? error.message : "It could not be done."))
      .finally(() => setBusy(false));
  };
  return { busy, said, wrong, tell, run };
}

export function Wrong({ of }: { of: Doing }) {
  return (
    <div className="settings-said">
      <p role="status">{of.said}</p>
      <p role="alert" className="worse">
        {of.wrong}
      </p>
    </div>
  );
}

/** A secret that can't be had again. */
export function Secret({ of, text }: { of: string; text: string }) {
  return (
    <p role="status" className="settings-secret">
      <span className="strong">{of}</span> <code>{text}</code> <span className="second">It is shown this once: keep it now.</span>
    </p>
  );
}
