/** Who they are: four rising steps, a dot for each visitor on the step of their class. */
import type { ReactNode } from "react";
import { CLASSES, className, TOKEN, type VisitorClass } from "../../parts/classes";
import { useWidth } from "../../parts/use_width";
import { count, exact } from "../../words/numbers";
import type { Shown } from "./use_moves";

const HEIGHT = 190;
const BASE = [50, 70, 90, 110] as const;
const PITCH = 8;
const MOST_DOTS = 400;

/** How many visitors a dot is: 1, or the power of ten with which they all fit. */
export function dotIs(visitors: readonly number[], columns: number): number {
  const all = visitors.reduce((sum, one) => sum + one, 0);
  let dot = 1;
  const fits = (): boolean =>
    all / dot <= MOST_DOTS && visitors.every((one, step) => Math.ceil(Math.ceil(one / dot) / columns) * PITCH <= HEIGHT - (BASE[step] ?? 0) - PITCH);
  while (!fits()) dot *= 10;
  return dot;
}

interface Props {
  /** Null while nobody knows yet. */
  visitors: Readonly<Record<string, number>> | null;
  shown: Shown;
  /** Told what a dot is, so that the subtitle can say it. */
  children(stairs: ReactNode, dot: number): ReactNode;
}

export function Stairs({ visitors, shown, children }: Props) {
  const [place, width] = useWidth<HTMLDivElement>(640);
  const step = width / 4;
  const columns = Math.max(1, Math.floor((step - 14) / PITCH));
  const now = CLASSES.map((each) => visitors?.[each] ?? 0);
  const dot = dotIs(now, columns);
  const words = visitors === null ? "not known yet" : CLASSES.map((each, at) => `${exact(now[at])} ${className(each)}`).join(", ");
  const drawing = (
    <div ref={place} className="live-stairs">
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`Visitors now by class: ${words}`}>
        {CLASSES.map((each, at) => (
          <Step key={each} of={each} at={at} width={step} columns={columns} visitors={visitors === null ? null : (now[at] ?? 0)} dot={dot} shown={shown} />
        ))}
      </svg>
    </div>
  );
  return children(drawing, dot);
}

interface StepProps {
  of: VisitorClass;
  at: number;
  width: number;
  columns: number;
  visitors: number | null;
  dot: number;
  shown: Shown;
}

function Step({ of, at, width, columns, visitors, dot, shown }: StepProps) {
  const x = at * width;
  const base = BASE[at] ?? 0;
  const top = HEIGHT - base;
  const token = TOKEN[of];
  const dots = Math.ceil((visitors ?? 0) / dot);
  const fresh = Math.min(dots, Math.ceil(shown.fresh(of) / dot));
  const narrow = width < 130;
  const came = count(shown.came(of));
  const words = at === 0 ? (narrow ? `+${came} new` : `+${came} came in`) : narrow ? `+${came} up` : `+${came} stepped up`;
  return (
    <g>
      <rect x={x} y={top} width={width} height={base} fill={`var(--${token}-tint)`} />
      <rect x={x} y={top} width={width} height="2" fill={`var(--${token})`} />
      {at > 0 && <rect x={x} y={top} width="1.5" height={base - (BASE[at - 1] ?? 0)} fill={`var(--${token})`} />}
      {Array.from({ length: dots }, (_, index) => (
        <Dot key={index} x={x + 10 + (index % columns) * PITCH} y={top - 6 - Math.floor(index / columns) * PITCH} token={token} ring={index >= dots - fresh} />
      ))}
      <text x={x + 10} y={top + (narrow ? 19 : 23)} className={`live-step k-${token}`}>
        {count(visitors)}
        {!narrow && (
          <tspan dx={6} className="name">
            {className(of)}
          </tspan>
        )}
      </text>
      {narrow && (
        <text x={x + 10} y={top + 32} className={`live-step k-${token}`}>
          <tspan className="small-name">{className(of).split(" ")[0]}</tspan>
        </text>
      )}
      <text x={x + 10} y={top + (narrow ? 45 : 39)} className="live-came">
        {visitors === null ? "" : words}
      </text>
    </g>
  );
}

function Dot({ x, y, token, ring }: { x: number; y: number; token: string; ring: boolean }) {
  return ring ? (
    <circle cx={x} cy={y} r="2.4" fill="var(--paper)" stroke={`var(--${token})`} strokeWidth="1.4" />
  ) : (
    <circle cx={x} cy={y} r="2.9" fill={`var(--${token})`} />
  );
}
