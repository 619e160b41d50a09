/** The events of a session, with a row at each change of class that says why then. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { get, type Schema } from "../../api/client";
import { Fault } from "../../parts/answer";
import { Button } from "../../parts/button";
import { ClassMove } from "../../parts/class_chip";
import { isClass, TOKEN } from "../../parts/classes";
import { markOf, TrailMark } from "../../parts/trail";
import { useProject } from "../../state/project";
import { aboutOf, since, whyThen, worthOf } from "./story";

const PAGE = 100;

/** One session with its events, page after page. */
export function useEvents(id: string, every: number | false) {
  const { id: project } = useProject();
  return useInfiniteQuery({
    queryKey: ["session", id, project],
    queryFn: ({ pageParam, signal }) => get<Schema<"SessionDetail">>(`/v1/sessions/${encodeURIComponent(id)}`, { limit: PAGE, cursor: pageParam, project }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: every,
  });
}

interface Props {
  pages: ReturnType<typeof useEvents>;
  trail: Schema<"Trail"> | undefined;
}

export function Events({ pages, trail }: Props) {
  const events = pages.data?.pages.flatMap((page) => page.events) ?? [];
  const currency = pages.data?.pages[0]?.currency ?? "";
  const begin = events[0]?.timestamp ?? "";
  const steps = new Map(trail?.steps.filter((step) => step.previous !== null).map((step) => [step.event, step]));
  return (
    <>
      <div className="table-frame" tabIndex={-1}>
        <table className="session-events dense">
          <caption className="sr">Events in order of time</caption>
          <thead className="sr">
            <tr>
              <th scope="col">Time from the start</th>
              <th scope="col">Mark</th>
              <th scope="col">Event</th>
              <th scope="col">About</th>
              <th scope="col">Worth</th>
            </tr>
          </thead>
          <tbody>
            {events.map((event, at) => (
              <Fragment key={event.event_id}>
                <tr>
                  <td className="figure-cell soft session-time">{since(begin, event.timestamp)}</td>
                  <td className="session-mark">
                    <MarkOf kind={event.kind} visitorClass={trail?.events[at]?.visitor_class ?? null} />
                  </td>
                  <td className="session-name">
                    <span className="mono clip second">{event.name}</span>
                  </td>
                  <td>
                    <span className="clip">{aboutOf(event)}</span>
                  </td>
                  <td className="figure-cell second">{worthOf(event, currency)}</td>
                </tr>
                {steps.has(at + 1) && <Turn step={steps.get(at + 1)!} />}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
      {pages.error && <Fault error={pages.error} asked="the events of this session" retry={() => void pages.refetch()} />}
      {pages.hasNextPage && (
        <Button onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
          More events
        </Button>
      )}
    </>
  );
}

function Turn({ step }: { step: Schema<"ClassTaken"> }) {
  return (
    <tr className="session-turn">
      <td />
      <td colSpan={4}>
        <ClassMove from={step.previous ?? step.visitor_class} to={step.visitor_class} /> <span className="small second">{whyThen(step.why)}</span>
      </td>
    </tr>
  );
}

function MarkOf({ kind, visitorClass }: { kind: string; visitorClass: string | null }) {
  return (
    <svg width="14" height="18" aria-hidden="true">
      <TrailMark mark={markOf(kind)} x={7} y={17} fill={visitorClass !== null && isClass(visitorClass) ? `var(--${TOKEN[visitorClass]})` : "var(--ink-3)"} />
    </svg>
  );
}
