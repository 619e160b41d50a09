/** Why a session has its class: every rule with its clauses, best class first; the first that holds decides. */
import type { Schema } from "../../api/client";
import { ClassChip } from "../../parts/class_chip";
import { isClass, TOKEN } from "../../parts/classes";
import { useWidth } from "../../parts/use_width";
import { decimal, exact } from "../../words/numbers";
import { figureName, verdictOf } from "./story";

const SCALE = 1.6;

export function Why({ rules }: { rules: readonly Schema<"RuleSaid">[] }) {
  const decided = rules.findIndex((rule) => rule.decided);
  if (decided < 0) return <p className="second">Classified by other rules than today&apos;s; a rebuild applies the present ones.</p>;
  return (
    <ol className="session-rules">
      {rules.map((rule) => (
        <li key={rule.visitor_class} className={rule.decided && isClass(rule.visitor_class) ? `decided d-${TOKEN[rule.visitor_class]}` : ""}>
          <div className="session-verdict">
            <ClassChip of={rule.visitor_class} />
            <span className={rule.decided ? "small" : "small soft"}>{verdictOf(rule)}</span>
          </div>
          {(rule.decided || !rule.held) && rule.any_of.map((group, at) => <Group key={at} clauses={group} or={at > 0} />)}
        </li>
      ))}
    </ol>
  );
}

function Group({ clauses, or }: { clauses: readonly Schema<"Condition">[]; or: boolean }) {
  return clauses.map((clause, at) => <Gauge key={clause.figure} of={clause} name={`${or && at === 0 ? "or " : ""}${figureName(clause.figure)}`} />);
}

function Gauge({ of, name }: { of: Schema<"Condition">; name: string }) {
  const [place, width] = useWidth<HTMLSpanElement>(120);
  const most = of.at_least * SCALE;
  const limit = (of.at_least / most) * width;
  const value = Number.isInteger(of.value) ? exact(of.value) : decimal(of.value);
  return (
    <div className="session-gauge">
      <span className="second">{name}</span>
      <span ref={place}>
        <svg width={width} height="26" viewBox={`0 0 ${width} 26`} aria-hidden="true">
          <rect y="14" width={width} height="4" fill="var(--paper-3)" />
          <rect y="14" width={(Math.min(of.value, most) / most) * width} height="4" fill={of.held ? "var(--ink)" : "var(--ink-4)"} />
          <rect x={limit - 0.75} y="3" width="1.5" height="20" fill="var(--ink)" />
          <text x={limit + 4} y="10" className="session-limit">
            {exact(of.at_least)}
          </text>
        </svg>
      </span>
      <span className="right">
        {value} <span aria-hidden="true">{of.held ? "✓" : "✕"}</span>
        <span className="sr">
          {of.held ? "held" : "not held"}, limit {exact(of.at_least)}
        </span>
      </span>
    </div>
  );
}
