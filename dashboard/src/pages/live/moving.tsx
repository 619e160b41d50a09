/** Sessions as they move: the newest class change on top, all trails on one axis. */
import { Link, useLocation } from "wouter";
import type { Schema } from "../../api/client";
import { Nothing } from "../../parts/answer";
import { ClassChip, ClassMove } from "../../parts/class_chip";
import { Trail } from "../../parts/trail";
import { marksOf, visitorOf, whereabouts } from "../../parts/trail_of";
import { useProject } from "../../state/project";
import { exact, money } from "../../words/numbers";
import { ago, clock, duration } from "../../words/times";
import type { Move } from "./moves";

const AXIS_MS = 30 * 60_000;
const NEW_MS = 10_000;

interface Props {
  rows: readonly Move[];
  trails: ReadonlyMap<string, Schema<"Trail">>;
  now: number;
  /** The pointer came over the table, or left it. */
  hover(over: boolean): void;
}

export function Moving({ rows, trails, now, hover }: Props) {
  const { zone } = useProject();
  if (rows.length === 0) return <Nothing>No session yet. The first one that comes stands here at once.</Nothing>;
  const axis = { from: now - AXIS_MS, to: now };
  return (
    <div className="table-frame" tabIndex={-1} onPointerEnter={(event) => event.pointerType === "mouse" && hover(true)} onPointerLeave={() => hover(false)}>
      <table className="live-moving">
        <caption className="sr">Sessions, the newest class change first</caption>
        <thead>
          <tr>
            <th scope="col">Class, and the step just taken</th>
            <th scope="col" className="wide">
              Visitor
            </th>
            <th scope="col">
              <span className="live-axis">
                <span>{clock(axis.from, zone)}</span>
                <span>now</span>
              </span>
            </th>
            <th scope="col">On this page</th>
            <th scope="col" className="figure-cell wide">
              Events
            </th>
            <th scope="col" className="figure-cell wide">
              So far
            </th>
            <th scope="col" className="figure-cell wide">
              Spent
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((move) => (
            <Row key={move.session_id} move={move} trail={trails.get(move.session_id)} now={now} axis={axis} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `18 s`, `12 min`: it goes on, so seconds are no news after the first minute. */
const soFar = (minutes: number): string => (minutes < 1 ? duration(Math.floor(minutes * 60)) : `${exact(Math.floor(minutes))} min`);

function Row({ move, trail, now, axis }: { move: Move; trail: Schema<"Trail"> | undefined; now: number; axis: { from: number; to: number } }) {
  const [, go] = useLocation();
  const { currency } = useProject();
  const href = `/sessions/${encodeURIComponent(move.session_id)}`;
  const visitor = visitorOf(move);
  const session = trail?.session ?? move;
  const from = move.previous ?? (move.told ? null : (trail?.steps.at(-1)?.previous ?? null));
  const fresh = move.told > 0 && now - move.told < NEW_MS;
  return (
    <tr className={`opens${fresh ? " live-new" : ""}`} data-session={move.session_id} onClick={() => go(href)}>
      <td>{from !== null && fresh ? <ClassMove from={from} to={session.visitor_class} /> : <ClassChip of={session.visitor_class} />}</td>
      <td className="wide">
        <span className="two">
          <Link href={href} className={`clip${visitor.known ? "" : " mono"}`} title={visitor.whole} onClick={(event) => event.stopPropagation()}>
            {visitor.name}
          </Link>
          <small>{trail ? whereabouts(trail) || "place unknown" : " "}</small>
        </span>
      </td>
      <td className="live-trail">{trail && <Trail events={marksOf(trail)} from={axis.from} to={axis.to} />}</td>
      <td>
        <span className="clip">{trail?.page ?? "–"}</span>
      </td>
      <td className="figure-cell wide">{exact(session.total_events)}</td>
      <td className="figure-cell wide">{soFar(session.session_duration_minutes)}</td>
      <td className="figure-cell wide">{session.total_amount === null ? "–" : money(session.total_amount, currency)}</td>
      <td className="live-ago">{ago(session.session_end, now)}</td>
    </tr>
  );
}
