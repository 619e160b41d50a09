/** Some sessions have the class of other rules: begins the rebuild that judges them anew, and says how far it is. */
import { useEffect } from "react";
import { send, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Button } from "../../parts/button";
import { useMay, useProject } from "../../state/project";
import { exact, percent, plural } from "../../words/numbers";
import { useDoing, Wrong } from "./doing";

type Status = Schema<"RebuildStatus">;

export function Rebuild() {
  const project = useProject();
  const may = useMay("rebuild") && project.me.project === null;
  return (
    <div className="settings-rebuild">
      <p>Sessions that ended before the last change have the class of the rules of their time.</p>
      {may ? <Running /> : <p className="small soft">Who manages all projects can judge them anew.</p>}
    </div>
  );
}

function Running() {
  const doing = useDoing();
  const status = useAnswer<Status>("/v1/rebuild", {}, { every: 2_000 });
  const state = status.data?.state;
  useEffect(() => {
    if (state === "done") void queries.invalidateQueries({ queryKey: ["/v1/classes/rules"] });
  }, [state]);
  const begin = async (): Promise<void> => {
    await send<Status>("POST", "/v1/rebuild");
    await queries.invalidateQueries({ queryKey: ["/v1/rebuild"] });
  };
  return (
    <>
      <Button disabled={doing.busy || state === "running"} onClick={() => doing.run(begin)}>
        Judge them anew
      </Button>{" "}
      <span className="small soft" role="status">
        {status.data && progressOf(status.data)}
      </span>
      <Wrong of={doing} />
    </>
  );
}

function progressOf(status: Status): string {
  if (status.state === "running") return `${percent(100 * (status.share ?? 0), 0)} of all events read, ${plural(status.sessions ?? 0, "session", "sessions")} computed.`;
  if (status.state === "failed") return `It failed: ${status.error ?? "the log says why"}`;
  return status.state === "done" ? `${exact(status.differing)} sessions were mended by the last rebuild.` : "";
}
