/** The four steps that a visitor may take, dotted while nobody is on them. */
import { CLASSES, className, TOKEN } from "../../parts/classes";

const [WIDTH, HEIGHT, LOW, RISE, STEP] = [640, 112, 72, 19, 160];

export function Stairs() {
  return (
    <svg className="start-stairs" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Four rising steps: bouncer, browser, engaged shopper, power user. You will land on the first.">
      {CLASSES.map((each, place) => {
        const top = LOW - place * RISE;
        return (
          <g key={each}>
            <path d={`M${place * STEP + 0.5} ${HEIGHT}V${top}H${(place + 1) * STEP}`} fill="none" stroke="var(--edge)" strokeDasharray="3 3" />
            <text x={place * STEP + 10} y={top + 17} fill={`var(--${TOKEN[each]}-text)`}>
              {className(each)}
            </text>
          </g>
        );
      })}
      <circle cx="12" cy={LOW - 7} r="4" fill="none" stroke="var(--ink)" strokeWidth="1.5" />
      <path d={`M13 ${LOW - 14}q1 -9 8 -10`} fill="none" stroke="var(--ink-3)" />
      <text x="24" y={LOW - 20} fill="var(--ink)">
        you will land here
      </text>
    </svg>
  );
}
