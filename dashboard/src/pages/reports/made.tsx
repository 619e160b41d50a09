/** What both dialogs end with: who is told, the button that makes it, and a webhook's secret, shown this once. */
import type { FormEvent, ReactNode } from "react";
import { Dialog } from "../../frame/dialog";
import { Button } from "../../parts/button";
import type { Doing } from "../settings/doing";

interface FormProps {
  label: string;
  doing: Doing;
  /** The secret of what was made, "" where there is none; null before. */
  secret: string | null;
  make: () => Promise<void>;
  close: () => void;
  children: ReactNode;
}

export function MakeDialog({ label, doing, secret, make, close, children }: FormProps) {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    doing.run(make);
  };
  return (
    <Dialog label={label} close={close}>
      <h2 className="dialog-head">{label}</h2>
      {secret ? (
        <div className="reports-form">
          <p role="status" className="reports-secret">
            The webhook's secret, which signs what is posted: <code>{secret}</code> It is shown this once: keep it now.
          </p>
          <Button look="primary" onClick={close}>
            Done
          </Button>
        </div>
      ) : (
        <form className="reports-form" onSubmit={submit}>
          {children}
          <p role="alert" className="worse">
            {doing.wrong}
          </p>
          <button type="submit" className="button primary" disabled={doing.busy}>
            Make it
          </button>
        </form>
      )}
    </Dialog>
  );
}

interface ReceiversProps {
  emails: string;
  webhook: string;
  onEmails: (text: string) => void;
  onWebhook: (text: string) => void;
}

export function Receivers({ emails, webhook, onEmails, onWebhook }: ReceiversProps) {
  return (
    <>
      <label>
        E-mail to <input className="field" placeholder="ann@example.com, bob@example.com" value={emails} onChange={(event) => onEmails(event.target.value)} />
      </label>
      <label>
        Webhook <input className="field" type="url" placeholder="https://hooks.example.com/…" value={webhook} onChange={(event) => onWebhook(event.target.value)} />
      </label>
    </>
  );
}
