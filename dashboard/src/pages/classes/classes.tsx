/** Classes: what kind of visitors come, how that moves, what each kind buys, and what to do about it. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { className } from "../../parts/classes";
import { PeopleDrawer } from "../../parts/people_drawer";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { useRange } from "../../state/range";
import { useView } from "../../state/view";
import { Advice } from "./advice";
import "./classes.css";
import { Distribution } from "./distribution";
import { WindowDrawer } from "./window_drawer";
import { MOST, windowsOf } from "./windows";
import { finding, Worth } from "./worth";

const ROWS = 4 * (MOST + 1);

export default function Classes() {
  const view = useView();
  const { asked } = useRange();
  const { from, before, project } = asked;
  const worth = useAnswer<Schema<"Conversion">>("/v1/classes/conversion", { started_from: from, started_before: before, project });
  const shares = useAnswer<Schema<"Distribution">>("/v1/classes/distribution", { from, before, limit: ROWS, project });
  const opened = view.get("class");
  const open = (changes: { class?: string | null; window?: string | null }): void => view.set({ class: null, window: null, ...changes }, true);
  const row = worth.data?.items.find((one) => one.visitor_class === opened);
  const windows = shares.data ? windowsOf(shares.data.items, shares.data.next !== null) : [];
  const window = windows.find((one) => one.begin === view.get("window"));
  const behind = { path: "/v1/trends/people", params: { ...asked, from: from ?? BEGINNING, figure: "sessions", split: "class", value: opened }, noun: "sessions" as const };
  return (
    <Page name="Classes" headline={worth.data && !worth.isPlaceholderData ? finding(worth.data) : "Classes"}>
      <Sheet>
        <Cell span={12} first last title="What each class is worth" subtitle="sessions that began in this range; a row opens its sessions">
          <Answer of={worth} reads="all sessions of this range" isEmpty={(data) => data.items.length === 0} empty={<Nothing>No session began in this range. A longer one may hold some.</Nothing>}>
            {(data) => <Worth answer={data} opened={opened} open={(visitorClass) => open({ class: visitorClass })} />}
          </Answer>
        </Cell>
        <Cell span={8} first title="How they move" subtitle={`sessions that ended, by 5 minutes, the last six hours with any; times in ${asked.zone}`}>
          <Answer of={shares} reads="the windows of this range" height={280} isEmpty={() => windows.length === 0}>
            {() => <Distribution windows={windows} open={(one) => open({ window: one.begin })} />}
          </Answer>
        </Cell>
        <Cell span={4} last title="What to do" subtitle="the advice of each class">
          <Advice />
        </Cell>
      </Sheet>
      {row && <PeopleDrawer key={row.visitor_class} of={{ ...behind, shown: row.total_sessions }} title={`${className(row.visitor_class)}, sessions that began in this range`} close={() => open({})} />}
      {window && <WindowDrawer key={window.begin} window={window} close={() => open({})} />}
    </Page>
  );
}

/** A trend without a beginning has one of its own; everything begins here. */
const BEGINNING = "1971-01-01";
