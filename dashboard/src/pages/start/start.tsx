/** First events: what to paste, what will happen, and a counter that listens; the first event turns it into Live. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { useCounters } from "../../api/live";
import { Freshness } from "../../frame/top_bar";
import { Severity } from "../../parts/words";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { useMay, useProject } from "../../state/project";
import { plural } from "../../words/numbers";
import { Clients } from "./clients";
import { usePublicKey } from "./key";
import { Paste } from "./paste";
import { Stairs } from "./stairs";
import { sendTestEvent } from "./trial";
import "./start.css";

export default function Start() {
  const project = useProject();
  const [, go] = useLocation();
  const events = useCounters(project.id)?.events ?? null;
  const [before, setBefore] = useState<number | null>(null);
  if (before === null && events !== null) setBefore(events);
  const isEmpty = before === 0;
  const landed = isEmpty && (events ?? 0) > 0;
  useEffect(() => {
    if (landed) go("/live");
  }, [landed, go]);
  const key = usePublicKey(project.id);
  return (
    <Page
      name="First events"
      headline={before ? "Send events from one more place." : "No events yet. Paste this into your shop and open a page."}
      lede={before ? "Whatever is sent with a key of this project is counted with the rest." : "The first visitor appears here about a second later. It will be you."}
    >
      <Freshness>{events === null ? "connecting" : before ? "listening" : "waiting"}</Freshness>
      <Sheet>
        <Cell span={9} first label="Steps">
          <ol className="start-steps">
            <Paste secret={key} />
            <li>
              <h2>Open your shop in another tab</h2>
              <p className="second">Look at two or three pages. Your third event turns you from a bouncer into a browser.</p>
              <Stairs />
            </li>
            <Listening events={events} before={before} secret={key.secret} />
          </ol>
        </Cell>
        <Cell span={3} last title="Already sending events somewhere?">
          <Clients />
        </Cell>
      </Sheet>
    </Page>
  );
}

/** What came since the page was opened: events, what was refused, and requests that had no right key. */
function Listening({ events, before, secret }: { events: number | null; before: number | null; secret: string | null }) {
  const project = useProject();
  const seconds = useSeconds();
  const rejected = useSinceOpened(useAnswer<Schema<"RejectedCounts">>("/v1/rejected/counts", { project: project.id }, { every: 2_000 }).data?.total);
  const keyless = useKeyless();
  const [trial, setTrial] = useState("");
  const received = events === null || before === null ? 0 : events - before;
  const send = async (): Promise<void> => setTrial(await sendTestEvent(secret ?? ""));
  return (
    <li>
      <div role="status" aria-live="polite" className="start-listening">
        <h2>
          Listening for <time>{`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`}</time>
        </h2>
        <p className="second start-counter">
          {received ? `${plural(received, "event", "events")} received` : "nothing received"}, {rejected ? `${plural(rejected, "event", "events")} rejected` : "nothing rejected"}
        </p>
      </div>
      {keyless > 0 && (
        <p>
          <Severity of="high" word={`${plural(keyless, "request", "requests")} without a key that holds here`} /> <span className="second">Check the key, and that its origin is the one of the page.</span>
        </p>
      )}
      {rejected > 0 && (
        <p>
          <a href="/rejected">See what was rejected, and why</a>
        </p>
      )}
      <p className="second">
        Still nothing? An ad blocker may stop the script, or the page may be cached.{" "}
        {secret && (
          <button type="button" className="link" onClick={() => void send()}>
            Send one test event from here
          </button>
        )}
      </p>
      {trial && <p role="status">{trial}</p>}
    </li>
  );
}

function useSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const began = Date.now();
    const timer = window.setInterval(() => setSeconds(Math.round((Date.now() - began) / 1_000)), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  return seconds;
}

/** How much a number has grown since it was first known. */
function useSinceOpened(now: number | undefined): number {
  const [first, setFirst] = useState<number | undefined>(undefined);
  if (first === undefined && now !== undefined) setFirst(now);
  return now === undefined || first === undefined ? 0 : Math.max(0, now - first);
}

/** Requests since the page was opened that the door answered 401 or 403; 0 for who may not see the node's figures. */
function useKeyless(): number {
  const { me } = useProject();
  const may = useMay("metrics") && me.project === null;
  const found = useQuery({ queryKey: ["/metrics"], queryFn: ({ signal }) => refusedRequests(signal), enabled: may, refetchInterval: 2_000 });
  return useSinceOpened(found.data);
}

async function refusedRequests(signal: AbortSignal): Promise<number> {
  const text = await (await fetch("/metrics", { signal })).text();
  return [...text.matchAll(/^footfall_door_answers_total\{status="40[13]"\} (\d+)/gm)].reduce((sum, found) => sum + Number(found[1]), 0);
}
