/** Who is in the shop now, what kind of visitors they are, and how they move. */
import { useState } from "react";
import { Link } from "wouter";
import type { Schema } from "../../api/client";
import { useCounters, useFreshness } from "../../api/live";
import { useAnswer } from "../../api/queries";
import { useKeys } from "../../frame/keys";
import { Freshness, TopActions } from "../../frame/top_bar";
import { Answer } from "../../parts/answer";
import { Button } from "../../parts/button";
import { CLASSES, className } from "../../parts/classes";
import { PeopleDrawer, type DrillDown } from "../../parts/people_drawer";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { TrailLegend } from "../../parts/trail_of";
import { useProject } from "../../state/project";
import { exact, plural } from "../../words/numbers";
import { duration } from "../../words/times";
import { Distribution } from "./distribution";
import { Figures, type OfClasses } from "./figures";
import { Fraud } from "./fraud";
import { useHour, useMinute } from "./hour";
import "./live.css";
import { Moving } from "./moving";
import { Stairs } from "./stairs";
import { SmallFunnel, TopPages } from "./top";
import { ROWS, useMoves, useTrails, type Shown } from "./use_moves";
import { findingOf, WINDOW_MS, WINDOWS, windowsOf } from "./windows";

const RENEW_MS = 15_000;

interface Opened {
  of: DrillDown;
  title: string;
}

export default function Live() {
  const { id: project, zone } = useProject();
  const [paused, setPaused] = useState(false);
  const [over, setOver] = useState(false);
  const [opened, setOpened] = useState<Opened | null>(null);
  const minute = useMinute();
  const hour = useHour(minute);
  const before = { ...useHour(minute - 60), before: hour.from };
  const counters = useCounters(project);
  const first = useAnswer<Schema<"SessionPage">>("/v1/sessions", { sort: "-session_end", limit: ROWS, project });
  const shown = useMoves(project, paused || over, first.data?.items.map((one) => ({ ...one, previous: null })));
  const trails = useTrails(shown.rows.map((row) => row.session_id), project);
  const ofHour = useAnswer<OfClasses>("/v1/breakdown/classes", { ...hour, by: "session" }, { every: RENEW_MS });
  const ofBefore = useAnswer<OfClasses>("/v1/breakdown/classes", { ...before, by: "session" });
  const open = (of: DrillDown, title: string): void => setOpened({ of, title });
  const goOn = (): void => {
    setPaused(false);
    setOver(false);
  };
  useKeys({ " ": () => setPaused(!paused) });
  const here = counters && Object.values(counters.visitors).reduce((sum, each) => sum + each, 0);
  const unstarted = counters?.events === 0;
  return (
    <Page name="Live" headline={headlineOf(here, unstarted)} lede={unstarted ? <FirstEvent /> : ledeOf(shown)}>
      <HowFresh />
      <TopActions>
        <Button look="quiet" shortcut="Space" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? "Go on" : "Pause"}
        </Button>
      </TopActions>
      <Sheet>
        <Stairs visitors={counters?.visitors ?? null} shown={shown}>
          {(stairs, dot) => (
            <Cell span={7} first title="Who they are" subtitle={`one dot is ${dot === 1 ? "one visitor" : `${exact(dot)} visitors`}, ringed if they arrived on this step in the last 10 s`}>
              {stairs}
            </Cell>
          )}
        </Stairs>
        <Cell span={5} last label="The last hour">
          <Figures counters={counters} hour={ofHour} before={ofBefore.data} asked={hour} open={open} />
        </Cell>
        <ByWindow minute={minute} zone={zone} />
        <Fraud minute={minute} />
        <Cell
          span={8}
          first
          title="Sessions as they move"
          subtitle={`${exact(stepped(shown))} stepped up a class in the last ${span(shown)}`}
          action={shown.newer ? <Newer count={shown.newer} go={goOn} /> : <TrailLegend />}
        >
          <Moving rows={shown.rows} trails={trails} now={shown.now} hover={setOver} />
        </Cell>
        <Cell span={4} last label="Pages and orders">
          <TopPages hour={hour} open={open} />
          <hr className="live-rule" />
          <SmallFunnel hour={hour} open={open} />
        </Cell>
      </Sheet>
      {opened && <PeopleDrawer of={opened.of} title={opened.title} close={() => setOpened(null)} />}
    </Page>
  );
}

function headlineOf(here: number | null, unstarted: boolean): string {
  if (here === null) return "Asking who is in the shop now.";
  if (unstarted) return "No events yet.";
  if (here === 0) return "Nobody is in the shop now.";
  return `${plural(here, "person is", "people are")} in the shop now.`;
}

function ledeOf(shown: Shown): string {
  return `Seen in the last 5 minutes. ${exact(shown.came(CLASSES[0]))} came in as ${className(CLASSES[0])}s, ${exact(stepped(shown))} stepped up a class in the last ${span(shown)}.`;
}

const stepped = (shown: Shown): number => CLASSES.slice(1).reduce((sum, each) => sum + shown.came(each), 0);

/** What the page can speak of: it knows nothing of the time before it was opened. */
const span = (shown: Shown): string => (shown.minutes >= 5 ? "5 minutes" : duration(Math.max(1, Math.floor(shown.minutes * 60))));

function FirstEvent() {
  return (
    <>
      The first one shows here by itself. <Link href="/start">Where to send it</Link>
    </>
  );
}

/** Honest about the stream: how far behind it is, and when it is not there. */
function HowFresh() {
  const { live, behind } = useFreshness();
  if (live) return <Freshness>live, {duration(behind)} behind</Freshness>;
  return <Freshness stale={behind !== null}>{behind === null ? "connecting" : behind < 1 ? "reconnecting" : `no word for ${duration(Math.floor(behind))}, reconnecting`}</Freshness>;
}

function Newer({ count, go }: { count: number; go: () => void }) {
  return (
    <button type="button" className="link" onClick={go}>
      {exact(count)} newer
    </button>
  );
}

function ByWindow({ minute, zone }: { minute: number; zone: string }) {
  const { id: project } = useProject();
  const open = Math.floor((minute * 60_000) / WINDOW_MS) * WINDOW_MS;
  const from = new Date(open - WINDOWS * WINDOW_MS).toISOString();
  const before = new Date(open + WINDOW_MS).toISOString();
  const found = useAnswer<Schema<"Distribution">>("/v1/classes/distribution", { from, before, limit: 1_000, project }, { every: RENEW_MS });
  const windows = windowsOf(found.data?.items ?? [], open);
  return (
    <Cell span={8} first label="Sessions by class" title={findingOf(windows)} subtitle={`sessions by the 5 minutes of their last event, times in ${zone}; who comes back moves on`}>
      <Answer of={found} reads="the classes of the last two hours" height={204}>
        {() => <Distribution windows={windows} zone={zone} narrow={window.innerWidth <= 720} />}
      </Answer>
    </Cell>
  );
}
