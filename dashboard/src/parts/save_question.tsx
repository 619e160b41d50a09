/** Keep what a page asks: under a name, and on a dashboard if wanted. Pages show it with the question they ask now. */
import { useState, type FormEvent } from "react";
import { Link } from "wouter";
import { send, type Schema } from "../api/client";
import { queries, useAnswer } from "../api/queries";
import { Dialog } from "../frame/dialog";
import type { Asked } from "../state/asked";
import { useMay, useProject } from "../state/project";
import { useRange, type Range, type RangeName } from "../state/range";
import { Button, Choice } from "./button";
import { ShareDialog } from "./share_dialog";

/** A button that opens the dialog; nothing for who may not save. `usual` is the range of an address that says none. */
export function SaveQuestion({ asked, usual = "28d" }: { asked: Asked; usual?: RangeName }) {
  const range = useRange(usual);
  const [open, setOpen] = useState(false);
  if (!useMay("manage")) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Save</Button>
      {open && <SaveDialog asked={kept(asked, range)} range={range.name === "all" ? null : range.label} close={() => setOpen(false)} />}
    </>
  );
}

const NONE = "";

function SaveDialog({ asked, range, close }: { asked: Asked; range: string | null; close: () => void }) {
  const { id: project } = useProject();
  const boards = useAnswer<Schema<"DashboardList">>("/v1/dashboards", { project });
  const [name, setName] = useState("");
  const [board, setBoard] = useState(NONE);
  const [saved, setSaved] = useState<{ id: string; where: string } | null>(null);
  const [sharing, share] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      const made = await send<Schema<"QuestionItem">>("POST", "/v1/questions", { params: { project }, body: { name, ...asked } });
      const onto = boards.data?.items.find((one) => one.id === board);
      if (onto) {
        const body = { name: onto.name, tiles: [...onto.tiles, { question: made.id }] };
        await send("PUT", `/v1/dashboards/${onto.id}`, { params: { project }, body });
      }
      await queries.invalidateQueries({ predicate: ({ queryKey }) => ["/v1/questions", "/v1/dashboards"].some((path) => String(queryKey[0]).startsWith(path)) });
      setSaved({ id: made.id, where: onto ? `/dashboards/${onto.id}` : "/dashboards" });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  if (saved && sharing) return <ShareDialog what="question" id={saved.id} close={close} />;
  return (
    <Dialog label="Save this question" close={close}>
      <h2 className="dialog-head">Save this question</h2>
      {saved ? (
        <p>
          Saved. <Link href={saved.where}>See it</Link>{" "}
          <button type="button" className="link" onClick={() => share(true)}>
            Share it
          </button>
        </p>
      ) : (
        <form className="dialog-form" onSubmit={(event) => void save(event)}>
          <label>
            Name <input className="field" required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
          </label>
          {boards.data && boards.data.items.length > 0 && (
            <p>
              Show it on{" "}
              <Choice
                label="Dashboard"
                value={board}
                options={[{ value: NONE, label: "no dashboard" }, ...boards.data.items.map((one) => ({ value: one.id, label: one.name }))]}
                onChange={setBoard}
              />
            </p>
          )}
          <p className="small soft">{range === null ? "It is asked of the range of whatever page shows it." : `It is asked of: ${range.toLowerCase()}${"last" in asked.params ? ", as the days go by" : ""}.`}</p>
          {fault && (
            <p className="worse" role="alert">
              {fault}
            </p>
          )}
          <button type="submit" className="button primary">
            Save
          </button>
        </form>
      )}
    </Dialog>
  );
}

/** What is said anew whenever it is asked: whose it is, in whose zone, and when the range lies by then. */
const ANEW = new Set(["project", "after", "zone", "from", "before"]);

function kept({ kind, params }: Asked, range: Range): Asked {
  return { kind, params: { ...Object.fromEntries(Object.entries(params).filter(([name]) => !ANEW.has(name))), ...range.kept } };
}
