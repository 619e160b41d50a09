/** What a person may ask for: what they agreed to, said and changed, and that all of it is erased. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, send, type Schema } from "../../api/client";
import { queries } from "../../api/queries";
import { Dialog } from "../../frame/dialog";
import { Fault } from "../../parts/answer";
import { Button, Choice } from "../../parts/button";
import { useMay, useProject } from "../../state/project";
import { exact } from "../../words/numbers";
import { when } from "../../words/times";
import { nameOfWho, titleOfWho } from "./who";

type Mode = Schema<"Mode">;
const MODES: Readonly<Record<Mode, string>> = { full: "everything", cookieless: "nothing longer than a day", none: "nothing" };
const OPTIONS = (Object.keys(MODES) as Mode[]).map((value) => ({ value, label: MODES[value] }));

/** Consent; who may import may state it for them. */
export function Agreed({ path, consent }: { path: string; consent: Schema<"PersonConsent"> | null }) {
  const { id: project, zone } = useProject();
  const may = useMay("import");
  const [mode, setMode] = useState<Mode>(consent?.mode ?? "full");
  const state = useMutation({
    mutationFn: () => send<Schema<"ConsentItem">>("PUT", `${path}/consent`, { params: { project }, body: { mode } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [path] }),
  });
  return (
    <div className="person-list" role="group" aria-label="Consent">
      <p className="strong">Consent</p>
      <p>{consent ? `Agrees to ${MODES[consent.mode]}, said ${when(consent.said, zone)}.` : "Never said what they agree to."}</p>
      {may && (
        <p className="person-agreed">
          From now on
          <Choice<Mode> label="What they agree to" value={mode} options={OPTIONS} onChange={setMode} />
          <Button onClick={() => state.mutate()} disabled={state.isPending}>
            State it
          </Button>
        </p>
      )}
      {state.error && <Fault error={state.error} asked="what they agree to" />}
    </div>
  );
}

/** Names the person, says what goes, and tells how far it is until nothing is left. */
export function Erase({ who, path, close }: { who: string; path: string; close: () => void }) {
  const { id: project } = useProject();
  const erase = useMutation({ mutationFn: () => send<Schema<"ErasureItem">>("DELETE", path, { params: { project } }) });
  const id = erase.data?.erasure_id;
  const progress = useQuery({
    queryKey: ["/v1/erasures", id],
    queryFn: ({ signal }) => get<Schema<"ErasureItem">>(`/v1/erasures/${id ?? ""}`, { project }, signal),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data?.state === "done" ? false : 1_000),
  });
  const now = progress.data ?? erase.data;
  const done = now?.state === "done";
  return (
    <Dialog label={`Erase ${titleOfWho(who)}`} close={close}>
      <p className="dialog-head">Erase {titleOfWho(who)}?</p>
      {!now && <p>All their events, visits, alerts and contact details go, from everywhere they are stored. Nobody can bring them back. What comes of them later is new.</p>}
      {now && (
        <p role="status">
          {done ? "Nothing of them is stored any more" : "Erasing"}: {exact(now.removed.events)} events, {exact(now.removed.sessions)} visits. Receipt <span className="mono">{now.erasure_id}</span>.
        </p>
      )}
      {(erase.error ?? progress.error) && <Fault error={(erase.error ?? progress.error) as Error} asked="the erasure" />}
      <div className="person-buttons">
        <Button onClick={close}>{now ? "Close" : "Keep everything"}</Button>
        {!now && (
          <Button look="dangerous" onClick={() => erase.mutate()} disabled={erase.isPending}>
            Erase {nameOfWho(who)}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
