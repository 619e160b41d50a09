/** Another try of the rejected events of one reason: first what would become of them, then for good. */
import { useState } from "react";
import { send, type Schema } from "../../api/client";
import { queries } from "../../api/queries";
import { Button, Choice } from "../../parts/button";
import { useProject } from "../../state/project";
import { exact, plural } from "../../words/numbers";
import { asked, FIXES, type Fix, type Form } from "./mend";

type Some = Schema<"ReplayedSome">;

interface Done {
  dry: boolean;
  tried: number;
  taken: number;
  already: number;
  events: number;
  remaining: Record<string, number>;
  sample: string | null;
}

export function Replay({ reason, source }: { reason: string; source: string | null }) {
  const project = useProject();
  const [form, setForm] = useState<Form>({ fix: "none", path: "", to: "" });
  const [done, setDone] = useState<Done | null>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const run = async (dry: boolean): Promise<void> => {
    setBusy(true);
    setWrong("");
    try {
      setDone(await replayed({ reason, ...(source ? { source } : {}), ...asked(form), dry_run: dry }, project.id));
      if (!dry) await queries.invalidateQueries();
    } catch (error) {
      setWrong(error instanceof Error ? error.message : "They could not be tried");
    } finally {
      setBusy(false);
    }
  };
  const change = (part: Partial<Form>): void => {
    setForm({ ...form, ...part });
    setDone(null);
  };
  const complete = form.fix === "none" || form.fix === "trusted" || (form.path !== "" && (form.fix === "drop" || form.to !== ""));
  const ready = !busy && done?.dry === true && done.taken > 0;
  return (
    <form
      className="rejected-replay"
      onSubmit={(event) => {
        event.preventDefault();
        void run(true);
      }}
    >
      <p>
        Try them <Choice label="How they are mended" value={form.fix} options={FIXES} onChange={(fix: Fix) => change({ fix })} />
      </p>
      {form.fix !== "none" && form.fix !== "trusted" && (
        <p className="rejected-fields">
          <input className="field mono" aria-label="Field" placeholder={form.fix === "map" ? "customer" : "price"} value={form.path} onChange={(event) => change({ path: event.target.value })} />
          {form.fix !== "drop" && (
            <>
              {form.fix === "map" ? " to " : " = "}
              <input className="field mono" aria-label={form.fix === "map" ? "Its right name" : "Its value"} placeholder={form.fix === "map" ? "user_id" : "0"} value={form.to} onChange={(event) => change({ to: event.target.value })} />
            </>
          )}
        </p>
      )}
      <p className="rejected-buttons">
        <Button type="submit" disabled={busy || !complete}>
          See what would happen
        </Button>
        <Button look={ready ? "primary" : "outlined"} disabled={!ready} onClick={() => void run(false)}>
          Replay
        </Button>
      </p>
      <div role="status" aria-live="polite">
        {busy && <p className="second">Trying…</p>}
        {done && !busy && <Told done={done} />}
      </div>
      {wrong && (
        <p role="alert" className="worse">
          {wrong}
        </p>
      )}
      <p className="small soft">Each is stored once, however often it is tried. What is still refused stays as it is.</p>
    </form>
  );
}

function Told({ done }: { done: Done }) {
  const still = Object.entries(done.remaining);
  return (
    <>
      <p className="strong">
        {done.dry ? `${exact(done.taken)} of ${exact(done.tried)} would be taken` : `${exact(done.taken)} of ${exact(done.tried)} were taken`}, {plural(done.events, "event", "events")}.
      </p>
      {done.already > 0 && <p className="second">{exact(done.already)} had been stored before.</p>}
      {still.length > 0 && <p className="second">Still refused: {still.map(([reason, count]) => `${exact(count)} for ${reason}`).join(", ")}.</p>}
      {done.sample && <p className="small soft">{done.sample}</p>}
    </>
  );
}

/** All of them, part by part. */
async function replayed(ask: Record<string, unknown>, project: string): Promise<Done> {
  const done: Done = { dry: ask["dry_run"] === true, tried: 0, taken: 0, already: 0, events: 0, remaining: {}, sample: null };
  let cursor: string | null = null;
  do {
    const part: Some = await send<Some>("POST", "/v1/rejected/replay", { params: { project }, body: { ...ask, ...(cursor ? { cursor } : {}) } });
    done.tried += part.tried;
    done.taken += part.taken;
    done.already += part.already;
    done.events += part.events;
    for (const [reason, count] of Object.entries(part.remaining)) done.remaining[reason] = (done.remaining[reason] ?? 0) + count;
    done.sample ??= part.samples[0]?.detail ?? null;
    cursor = part.next;
  } while (cursor);
  return done;
}
