/** A button that takes something back for good: the second press does it. */
import { useState } from "react";
import { Button } from "./button";

export function Revoke({ what, busy, revoke }: { what: string; busy: boolean; revoke: () => void }) {
  const [sure, setSure] = useState(false);
  if (!sure)
    return (
      <Button look="quiet" aria-label={`Revoke ${what}`} onClick={() => setSure(true)}>
        Revoke
      </Button>
    );
  return (
    <Button look="dangerous" disabled={busy} aria-label={`Revoke ${what} for good`} onClick={revoke} onBlur={() => setSure(false)}>
      For good?
    </Button>
  );
}
