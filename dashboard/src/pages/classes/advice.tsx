/** What to do about a visitor of each class: what the newest session of the class is told. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { ClassChip } from "../../parts/class_chip";
import { CLASSES, type VisitorClass } from "../../parts/classes";
import { useProject } from "../../state/project";

export function Advice() {
  return (
    <ul className="classes-advice">
      {CLASSES.map((each) => (
        <OfClass key={each} of={each} />
      ))}
    </ul>
  );
}

function OfClass({ of }: { of: VisitorClass }) {
  const { id } = useProject();
  const newest = useAnswer<Schema<"SessionPage">>("/v1/sessions", { visitor_class: of, limit: 1, project: id });
  const session = newest.data?.items[0]?.session_id;
  const detail = useAnswer<Schema<"SessionDetail">>(`/v1/sessions/${encodeURIComponent(session ?? "")}`, { limit: 0, project: id }, { enabled: session !== undefined });
  const advice = detail.data?.advice ?? [];
  return (
    <li>
      <ClassChip of={of} tint />
      {advice.length > 0 ? (
        <ul>
          {advice.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      ) : (
        <p className="soft">{newest.data && session === undefined ? "No session of this class yet." : "…"}</p>
      )}
    </li>
  );
}
