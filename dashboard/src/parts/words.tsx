/** Small things that stand in sentences and tables. */
import type { ReactNode } from "react";
import { decimal } from "../words/numbers";

/** A figure's name with its definition behind the dotted line. */
export function Defined({ children, means }: { children: ReactNode; means: string }) {
  return (
    <span className="defined" tabIndex={0} title={means} aria-description={means}>
      {children}
    </span>
  );
}

/** ▲ ▼ with what it is compared with; only worse takes the signal hue. `good` says which way is better. */
export function Delta({ value, against, good = "up", unit = "%" }: { value: number | null; against: string; good?: "up" | "down" | "neither"; unit?: string }) {
  if (value === null || !Number.isFinite(value)) return <span className="small soft">nothing to compare with</span>;
  const up = value >= 0;
  const worse = good !== "neither" && value !== 0 && up !== (good === "up");
  return (
    <span className={`small ${worse ? "worse" : "second"}`}>
      <span aria-hidden="true" className="arrow">
        {up ? "▲" : "▼"}
      </span>
      <span className="sr">{up ? "up" : "down"} </span>
      {decimal(Math.abs(value))}
      {unit === "%" ? "%" : ` ${unit}`} {against}
    </span>
  );
}

export type SeverityName = "ok" | "medium" | "high";

/** One hue, three fills, and always its word. */
export function Severity({ of, word }: { of: SeverityName; word?: string }) {
  return (
    <span className={`severity ${of}`}>
      <i aria-hidden="true" />
      {word ?? of}
    </span>
  );
}

export function Key({ children }: { children: ReactNode }) {
  return <kbd aria-hidden="true">{children}</kbd>;
}

/** Text behind which a grey bar shows its share of the largest. */
export function BarRow({ share, label, value, href }: { share: number; label: ReactNode; value: ReactNode; href?: string }) {
  const text = href ? <a href={href}>{label}</a> : label;
  return (
    <li className="bar-row">
      <svg className="bar" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 1">
        <rect width={Math.max(0, Math.min(100, share * 100))} height="1" />
      </svg>
      <span className="bar-label">{text}</span>
      <span className="bar-value">{value}</span>
    </li>
  );
}
