/** Makes a link that shows one thing to whoever has it; it is shown this once. */
import { useState } from "react";
import { send, type Schema } from "../api/client";
import { queries } from "../api/queries";
import { Dialog } from "../frame/dialog";
import { useProject } from "../state/project";
import { when } from "../words/times";
import { Button, Choice } from "./button";
import { copy } from "./download";

const DAYS = [
  { value: "1", label: "a day" },
  { value: "7", label: "a week" },
  { value: "30", label: "30 days" },
  { value: "365", label: "a year" },
];

export function ShareDialog({ what, id, close }: { what: Schema<"What">; id: string; close: () => void }) {
  const project = useProject();
  const [days, setDays] = useState("30");
  const [made, setMade] = useState<Schema<"MadeLink"> | null>(null);
  const [told, tell] = useState("");
  const make = async (): Promise<void> => {
    try {
      setMade(await send<Schema<"MadeLink">>("POST", "/v1/links", { params: { project: project.id }, body: { what, id, days: Number(days) } }));
      await queries.invalidateQueries({ queryKey: ["/v1/links"] });
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
  };
  const address = made ? window.location.origin + made.path : "";
  return (
    <Dialog label="Share by a link" close={close}>
      <h2 className="dialog-head">Share by a link</h2>
      <div className="dialog-form">
        {made ? (
          <>
            <label>
              The link, shown this once <input className="field" readOnly value={address} onFocus={(event) => event.target.select()} />
            </label>
            <p className="small soft">It ends {when(made.ends, project.zone)}, or when it is revoked on the page Dashboards.</p>
            <Button look="primary" onClick={() => void copy(address).then((done) => tell(done ? "Copied" : "Not allowed to copy"))}>
              Copy
            </Button>
          </>
        ) : (
          <>
            <p>
              Whoever has the link sees this without a log-in, for <Choice label="How long" value={days} options={DAYS} onChange={setDays} />. They see no people behind the numbers.
            </p>
            <Button look="primary" onClick={() => void make()}>
              Make the link
            </Button>
          </>
        )}
        <p role="status" className="small soft">
          {told}
        </p>
      </div>
    </Dialog>
  );
}
