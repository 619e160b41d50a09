/** How long the project's data are kept. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer } from "../../parts/answer";
import { useProject } from "../../state/project";
import { exact, plural } from "../../words/numbers";

export function Keeping() {
  const project = useProject();
  const found = useAnswer<Schema<"KeepingItem">>("/v1/keeping", { project: project.id });
  return (
    <Answer of={found} reads="how long data are kept" height={80}>
      {(keeping) => (
        <>
          <p>{keeping.days === 0 ? "Everything is kept." : `${plural(keeping.days, "day is", "days are")} kept, from ${keeping.kept_from ?? "the first"} on.`}</p>
          <p className="small soft">{keeping.own === null ? "As the server's setting says." : "As was said of this project."}</p>
          {keeping.removed && <p className="small soft">{exact(keeping.removed.events)} events before {keeping.removed.before} were removed.</p>}
          <p className="small soft">
            <code>footfall keep</code> changes it; what is older then goes for ever.
          </p>
        </>
      )}
    </Answer>
  );
}
