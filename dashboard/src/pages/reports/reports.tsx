/** Figures that are watched and reports that are sent: how they stand, what was told, and new ones. */
import { useState } from "react";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { Button } from "../../parts/button";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { Severity } from "../../parts/words";
import { useMay, useProject } from "../../state/project";
import { useView } from "../../state/view";
import { when } from "../../words/times";
import { NewSchedule } from "./new_schedule";
import { NewWatch } from "./new_watch";
import { ScheduleDrawer, WatchDrawer } from "./opened";
import { figure, headline, hours, MARKS, receivers, rule, type Schedule, type Watch } from "./words";
import "./reports.css";

export default function Reports() {
  const project = useProject();
  const params = { project: project.id };
  const watches = useAnswer<Schema<"WatchList">>("/v1/watches", params, { every: 30_000 });
  const schedules = useAnswer<Schema<"ScheduleList">>("/v1/schedules", params);
  const view = useView();
  const opened = view.get("open");
  const [making, make] = useState<"watch" | "schedule" | null>(null);
  const may = useMay("manage");
  const open = (id: string | null): void => view.set({ open: id }, true);
  const watch = watches.data?.items.find((one) => one.id === opened);
  const schedule = schedules.data?.items.find((one) => one.id === opened);
  const onWatches: Column<Watch>[] = [
    { key: "state", head: "State", cell: (one) => <Severity of={MARKS[one.state] ?? "ok"} word={one.state} />, sort: (one) => one.state },
    { key: "name", head: "Watch", cell: (one) => one.name, sort: (one) => one.name },
    { key: "value", head: "Last", figure: true, cell: (one) => figure(one.value, one.unit), sort: (one) => one.value },
    { key: "rule", head: "Told when", cell: rule, sort: rule, wide: true },
    { key: "fired", head: "Told last", cell: (one) => (one.fired ? when(one.fired, project.zone) : "–"), sort: (one) => one.fired, wide: true },
  ];
  const onSchedules: Column<Schedule>[] = [
    { key: "name", head: "Report", cell: (one) => one.name, sort: (one) => one.name },
    { key: "next", head: "Next", cell: (one) => (one.error ? <Severity of="medium" word="error" /> : when(one.next, project.zone)), sort: (one) => one.next },
    { key: "hours", head: "Sent", cell: hours, sort: hours, wide: true },
    { key: "to", head: "To", cell: (one) => <span className="clip">{receivers(one)}</span>, sort: receivers, wide: true },
  ];
  return (
    <Page name="Reports" headline={headline(watches.data?.items, schedules.data?.items)} lede={`Told by e-mail and webhook, at hours of ${project.zone}.`}>
      <Sheet>
        <Cell span={12} first last title="Watches" subtitle="a saved question's figure in the last whole bucket" action={may && <Button onClick={() => make("watch")}>New watch</Button>}>
          <Answer
            of={watches}
            reads="the watches"
            isEmpty={({ items }) => items.length === 0}
            empty={<Nothing>Nothing is watched. A watch tells somebody when a figure of a saved question is not as it should be.</Nothing>}
          >
            {({ items }) => <Table caption="Watches" columns={onWatches} rows={items} rowKey={(one) => one.id} open={(one) => open(one.id)} selected={opened} />}
          </Answer>
        </Cell>
        <Cell span={12} first last title="Scheduled reports" subtitle="a saved question or a dashboard" action={may && <Button onClick={() => make("schedule")}>New report</Button>}>
          <Answer
            of={schedules}
            reads="the scheduled reports"
            isEmpty={({ items }) => items.length === 0}
            empty={<Nothing>No report is scheduled. One brings a dashboard's figures to those who do not open it.</Nothing>}
          >
            {({ items }) => <Table caption="Scheduled reports" columns={onSchedules} rows={items} rowKey={(one) => one.id} open={(one) => open(one.id)} selected={opened} />}
          </Answer>
        </Cell>
      </Sheet>
      {watch && <WatchDrawer watch={watch} close={() => open(null)} />}
      {schedule && <ScheduleDrawer schedule={schedule} close={() => open(null)} />}
      {making === "watch" && <NewWatch close={() => make(null)} />}
      {making === "schedule" && <NewSchedule close={() => make(null)} />}
    </Page>
  );
}
