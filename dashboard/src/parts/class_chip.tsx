import { CLASSES, className, isClass, TOKEN, type VisitorClass } from "./classes";

/** Four rising bars, filled up to the class: its height says what its colour says. */
export function Stride({ of, scale = 1 }: { of: VisitorClass; scale?: number }) {
  const level = CLASSES.indexOf(of);
  return (
    <svg width={15 * scale} height={13 * scale} viewBox="0 0 15 13" aria-hidden="true" className="stride">
      {CLASSES.map((each, step) => (
        <rect
          key={each}
          x={step * 4}
          y={9 - step * 3}
          width="3"
          height={4 + step * 3}
          rx=".5"
          fill={step <= level ? `var(--${TOKEN[of]})` : "var(--rule-2)"}
        />
      ))}
    </svg>
  );
}

/** A class by its name and height, never by colour alone; `tint` where the class is the subject. */
export function ClassChip({ of, tint = false }: { of: string; tint?: boolean }) {
  if (!isClass(of)) return <span>{className(of)}</span>;
  return (
    <span className={`class k-${TOKEN[of]}${tint ? " tint" : ""}`}>
      <Stride of={of} />
      {className(of)}
    </span>
  );
}

/** The step that a visitor took: old stride › new chip. */
export function ClassMove({ from, to }: { from: string; to: string }) {
  if (!isClass(from) || from === to) return <ClassChip of={to} />;
  return (
    <span className="class">
      <span className="moved-from">
        <Stride of={from} />
        <span className="sr">was {className(from)}, now</span>
      </span>
      <span aria-hidden="true" className="soft">
        ›
      </span>
      <ClassChip of={to} tint />
    </span>
  );
}
