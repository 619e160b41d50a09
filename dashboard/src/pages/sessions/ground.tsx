/** Up the steps: the session as a line of events whose ground is as high as the class at that moment. */
import type { Schema } from "../../api/client";
import { CLASSES, className, isClass, TOKEN } from "../../parts/classes";
import { TrailMark, trailInWords } from "../../parts/trail";
import { marksOf } from "../../parts/trail_of";
import { useWidth } from "../../parts/use_width";
import { useProject } from "../../state/project";
import { clock } from "../../words/times";
import { since } from "./story";

const HEIGHT = 140;
const BASE = 112;
const STEP = 22;
const FIRST = 26;
const TICKS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440];

export function Ground({ trail }: { trail: Schema<"Trail"> }) {
  const { zone } = useProject();
  const [place, width] = useWidth<HTMLDivElement>(1_000);
  const marks = marksOf(trail);
  const begin = Date.parse(trail.session.session_start);
  const length = Math.max(1_000, Date.parse(trail.session.session_end) - begin);
  const x = (time: number): number => 4 + ((time - begin) / length) * (width - 16);
  const treads = treadsOf(trail, begin + length);
  const most = width < 500 ? 4 : 8;
  const minutes = length / 60_000;
  const tick = TICKS_MIN.find((each) => minutes / each <= most) ?? 1440;
  return (
    <div ref={place} className="session-ground">
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={trailInWords(marks)}>
        {treads.map((tread, at) => {
          const [left, right] = [at === 0 ? 0 : x(tread.from), at === treads.length - 1 ? width - 8 : x(tread.to)];
          const top = BASE - tread.height;
          const before = treads[at - 1];
          return (
            <g key={tread.from + tread.visitorClass}>
              <rect x={left} y={top} width={Math.max(0, right - left)} height={tread.height} fill={`var(--${tread.token}-tint)`} />
              <rect x={left} y={top} width={Math.max(0, right - left)} height="2" fill={`var(--${tread.token})`} />
              {before && <rect x={left} y={top} width="1.5" height={Math.max(0, tread.height - before.height)} fill={`var(--${tread.token})`} />}
              {right - left > 60 && (
                <text x={left + 7} y={top - 7} className={`session-tread k-${tread.token}`}>
                  {className(tread.visitorClass)}
                  {at > 0 && right - left > 220 && (
                    <tspan className="from" dx="5">
                      from {since(trail.session.session_start, new Date(tread.from).toISOString())}, event {tread.event}
                    </tspan>
                  )}
                </text>
              )}
            </g>
          );
        })}
        {marks.map((mark, at) => (
          <TrailMark
            key={at}
            mark={mark.mark}
            x={x(mark.time)}
            y={BASE - 1}
            scale={1.5}
            fill={mark.visitorClass !== null && isClass(mark.visitorClass) ? `var(--${TOKEN[mark.visitorClass]})` : "var(--ink-3)"}
          />
        ))}
        <line x1="0" x2={width} y1={BASE} y2={BASE} stroke="var(--ink)" />
        {Array.from({ length: Math.floor(minutes / tick) + 1 }, (_, at) => (
          <g key={at}>
            <line x1={x(begin + at * tick * 60_000)} x2={x(begin + at * tick * 60_000)} y1={BASE} y2={BASE + 4} stroke="var(--ink-3)" />
            <text x={at ? x(begin + at * tick * 60_000) : 0} y={BASE + 18} textAnchor={at ? "middle" : "start"} className="session-tick">
              {at ? `${at * tick} min` : clock(begin, zone)}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

interface Tread {
  visitorClass: string;
  token: string;
  from: number;
  to: number;
  event: number;
  height: number;
}

function treadsOf(trail: Schema<"Trail">, end: number): Tread[] {
  const steps = trail.steps.filter((step) => isClass(step.visitor_class));
  const at = (step: Schema<"ClassTaken"> | undefined): number => (step ? Date.parse(trail.events[step.event - 1]?.timestamp ?? "") : end);
  return steps.map((step, place) => ({
    visitorClass: step.visitor_class,
    token: isClass(step.visitor_class) ? TOKEN[step.visitor_class] : "",
    from: at(step),
    to: at(steps[place + 1]),
    event: step.event,
    height: FIRST + (isClass(step.visitor_class) ? CLASSES.indexOf(step.visitor_class) : 0) * STEP,
  }));
}
