/** One watch or schedule, opened: what it says, what was told and who took it; tried and removed. */
import { useState, type ReactNode } from "react";
import { send, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { Button } from "../../parts/button";
import { Drawer } from "../../parts/drawer";
import { Severity } from "../../parts/words";
import { useMay, useProject } from "../../state/project";
import { when } from "../../words/times";
import { useDoing } from "../settings/doing";
import { figure, hours, receivers, rule, type Schedule, type Watch } from "./words";

type Notice = Schema<"NoticeItem">;
const KINDS: Record<Notice["kind"], string> = { fired: "It began", over: "It was over", report: "Report", test: "Sent by hand" };

export function WatchDrawer({ watch, close }: { watch: Watch; close: () => void }) {
  const { zone } = useProject();
  return (
    <Opened path={`/v1/watches/${watch.id}`} list="/v1/watches" attempt="test" trying="Tell now" name={watch.name} of="Watch" close={close}>
      <dt>Question</dt>
      <dd>
        {watch.question}
        {watch.figure && `, ${watch.figure}`}
        {watch.part !== null && `, ${watch.part}`}
      </dd>
      <dt>Told when</dt>
      <dd>{rule(watch)}</dd>
      <dt>Last</dt>
      <dd>
        {figure(watch.value, watch.unit)}
        {watch.judged && `, of ${watch.judged}`}
        {watch.compared !== null && ` (compared with ${figure(watch.compared, watch.unit)})`}
      </dd>
      <dt>Looked at</dt>
      <dd>
        every {watch.every_minutes} min{watch.checked && `, last ${when(watch.checked, zone)}`}
      </dd>
      <dt>To</dt>
      <dd>{receivers(watch)}</dd>
      {watch.error && (
        <>
          <dt>Error</dt>
          <dd className="worse">{watch.error}</dd>
        </>
      )}
    </Opened>
  );
}

export function ScheduleDrawer({ schedule, close }: { schedule: Schedule; close: () => void }) {
  const { zone } = useProject();
  return (
    <Opened path={`/v1/schedules/${schedule.id}`} list="/v1/schedules" attempt="send" trying="Send now" name={schedule.name} of="Scheduled report" close={close}>
      <dt>Sends</dt>
      <dd>
        the {schedule.what} {schedule.definition}, {hours(schedule)}
      </dd>
      <dt>Next</dt>
      <dd>{when(schedule.next, zone)}</dd>
      <dt>To</dt>
      <dd>{receivers(schedule)}</dd>
      {schedule.error && (
        <>
          <dt>Error</dt>
          <dd className="worse">{schedule.error}</dd>
        </>
      )}
    </Opened>
  );
}

interface OpenedProps {
  path: string;
  list: string;
  /** The route behind `path` that sends at once, and what its button says. */
  attempt: "test" | "send";
  trying: string;
  name: string;
  of: string;
  close: () => void;
  children: ReactNode;
}

function Opened({ path, list, attempt, trying, name, of, close, children }: OpenedProps) {
  const { id: project, zone } = useProject();
  const history = useAnswer<Schema<"History">>(`${path}/history`, { project });
  const [sure, setSure] = useState(false);
  const doing = useDoing();
  const may = useMay("manage");
  const tryIt = async (): Promise<void> => {
    const told = await send<Notice>("POST", `${path}/${attempt}`, { params: { project } });
    await queries.invalidateQueries({ queryKey: [`${path}/history`] });
    const taken = told.deliveries.filter((one) => one.state === "sent").length;
    doing.tell(told.deliveries.length === 0 ? "It has no receivers." : `${taken} of ${told.deliveries.length} took it.`);
  };
  const remove = async (): Promise<void> => {
    await send("DELETE", path, { params: { project } });
    close();
    await queries.invalidateQueries({ queryKey: [list] });
  };
  const foot = may && (
    <span className="reports-foot">
      <Button look="primary" disabled={doing.busy} onClick={() => doing.run(tryIt)}>
        {trying}
      </Button>
      {sure ? (
        <Button look="dangerous" disabled={doing.busy} onClick={() => doing.run(remove)} onBlur={() => setSure(false)}>
          Remove for good
        </Button>
      ) : (
        <Button look="quiet" onClick={() => setSure(true)}>
          Remove
        </Button>
      )}
    </span>
  );
  return (
    <Drawer title={name} of={of} close={close} foot={foot}>
      <dl className="reports-facts">{children}</dl>
      <p role="status">{doing.said}</p>
      <p role="alert" className="worse">
        {doing.wrong}
      </p>
      <h3 className="strong">Told</h3>
      <Answer of={history} reads="what was told" height={80} isEmpty={({ items }) => items.length === 0} empty={<Nothing>Nothing was told yet.</Nothing>}>
        {({ items }) => (
          <ul className="reports-told">
            {items.map((notice) => (
              <Told key={notice.id} notice={notice} zone={zone} />
            ))}
          </ul>
        )}
      </Answer>
    </Drawer>
  );
}

function Told({ notice, zone }: { notice: Notice; zone: string }) {
  const value = notice.about["value"];
  return (
    <li>
      <p>
        {KINDS[notice.kind]}, {when(notice.made, zone)}
        {typeof value === "number" && `: ${figure(value, String(notice.about["unit"] ?? ""))}`}
        {notice.about["late"] === true && ", late"}
      </p>
      {notice.deliveries.map((one) => (
        <p key={one.target} className="small">
          <Severity of={one.state === "sent" ? "ok" : one.state === "waiting" ? "medium" : "high"} word={one.state.replace("_", " ")} /> {one.target}
          {one.error && <span className="soft"> {one.error}</span>}
        </p>
      ))}
    </li>
  );
}
