/** One rejected event: what was wrong, what would mend it, and all that was sent. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer } from "../../parts/answer";
import { Drawer } from "../../parts/drawer";
import { useProject } from "../../state/project";
import { clock, day } from "../../words/times";

export function One({ id, close }: { id: string; close: () => void }) {
  const project = useProject();
  const found = useAnswer<Schema<"RejectedEvent">>(`/v1/rejected/${encodeURIComponent(id)}`, { project: project.id });
  return (
    <Drawer title="One rejected event" of={found.data?.reason} close={close}>
      <Answer of={found} reads="the event" height={320}>
        {(one) => (
          <dl className="rejected-one">
            <dt>What was wrong</dt>
            <dd>{one.detail}</dd>
            <dt>Why that is refused</dt>
            <dd>{one.meaning}</dd>
            <dt>What would mend it</dt>
            <dd>{one.mend}</dd>
            <dt>Received</dt>
            <dd>
              {day(one.received, project.zone)} {clock(one.received, project.zone, true)}, through <code>{one.source}</code>
              {one.line === null ? "" : `, number ${one.line}`}
            </dd>
            <dt>What was sent</dt>
            <dd>
              <pre tabIndex={0}>{readable(one.body)}</pre>
            </dd>
          </dl>
        )}
      </Answer>
    </Drawer>
  );
}

/** JSON with a line for each field; whatever is no JSON as it is. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
