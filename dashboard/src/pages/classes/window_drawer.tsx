/** The sessions that ended in one window of five minutes. */
import { Link } from "wouter";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer } from "../../parts/answer";
import { ClassChip } from "../../parts/class_chip";
import { Drawer } from "../../parts/drawer";
import { useProject } from "../../state/project";
import { exact, shortId } from "../../words/numbers";
import { clock } from "../../words/times";
import { total, type Window } from "./windows";

export function WindowDrawer({ window, close }: { window: Window; close(): void }) {
  const { id, zone } = useProject();
  const answer = useAnswer<Schema<"SessionPage">>("/v1/sessions", { ended_from: window.begin, ended_before: window.end, sort: "-session_end", limit: 1000, project: id });
  const count = answer.data?.items.length;
  return (
    <Drawer of={`Ended ${clock(window.begin, zone)} to ${clock(window.end, zone)}`} title={`${exact(count ?? total(window))} sessions`} ask={answer.ask} close={close}>
      <Answer of={answer} reads="the sessions of this window">
        {(page) => (
          <>
            <p className="second">{page.items.length === total(window) ? `The same ${exact(page.items.length)} as in the bar.` : `Now ${exact(page.items.length)}: sessions moved since the bar was drawn.`}</p>
            <ul className="classes-list">
              {page.items.map((session) => (
                <li key={session.session_id} className="classes-behind">
                  <Link href={`/sessions/${encodeURIComponent(session.session_id)}`}>
                    <span className="mono" title={session.session_id}>
                      {shortId(session.session_id.slice(2))}
                    </span>
                  </Link>
                  <ClassChip of={session.visitor_class} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Answer>
    </Drawer>
  );
}
