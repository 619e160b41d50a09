/** The small drawing beside each sentence: its figures stand in it as text, so it needs no table of its own. */
import { CLASSES, className, isClass, TOKEN } from "../../parts/classes";
import type { Picture } from "./findings";

const WIDE = 380;
const NAMES = 116;
const VALUES = 100;
const ROW = 20;

export function Drawn({ picture }: { picture: Picture }) {
  if (picture.kind === "classes") return <Shares rows={picture.rows} />;
  const height = picture.rows.length * ROW + 4;
  return (
    <svg className="overview-picture" viewBox={`0 0 ${WIDE} ${height}`} role="img" aria-label={picture.rows.map((row) => `${row.name}: ${row.shown}`).join("; ")}>
      {picture.kind === "steps" ? <Steps rows={picture.rows} /> : picture.kind === "bars" ? <Bars rows={picture.rows} /> : <Dots rows={picture.rows} />}
    </svg>
  );
}

/** How one sum became another: each step begins where the last ended; the last is all of them. */
function Steps({ rows }: { rows: Extract<Picture, { kind: "steps" }>["rows"] }) {
  const ends = rows.slice(0, -1).reduce<number[]>((found, row) => [...found, (found.at(-1) ?? 0) + row.value], []);
  const [least, most] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const x = (value: number): number => NAMES + ((value - least) / (most - least || 1)) * (WIDE - NAMES - VALUES);
  return rows.map((row, index) => {
    const last = index === rows.length - 1;
    const begin = last ? 0 : (ends[index - 1] ?? 0);
    const [left, right] = [x(begin), x(begin + row.value)].sort((one, other) => one - other) as [number, number];
    const y = index * ROW + 4;
    const fill = row.value < 0 ? "var(--signal)" : last ? "var(--ink)" : "var(--ink-3)";
    return (
      <g key={row.name}>
        <Words y={y} name={row.name} />
        <rect x={left} y={y + 1} width={Math.max(1, right - left)} height="10" rx="1" fill={fill} />
        <text x={right + 6} y={y + 10} className="strong">
          {row.shown}
        </text>
        {!last && <line x1={x(begin + row.value)} x2={x(begin + row.value)} y1={y + 11} y2={y + 21} stroke="var(--rule-2)" />}
      </g>
    );
  });
}

function Bars({ rows }: { rows: Extract<Picture, { kind: "bars" }>["rows"] }) {
  const most = Math.max(1, ...rows.map((row) => row.value + (row.lost ?? 0)));
  const width = (value: number): number => (value / most) * (WIDE - NAMES - VALUES);
  return rows.map((row, index) => {
    const y = index * ROW + 4;
    const end = NAMES + width(row.value);
    const lost = row.lost ? width(row.lost) : 0;
    return (
      <g key={row.name}>
        <Words y={y} name={row.name} />
        <rect x={NAMES} y={y + 1} width={Math.max(1, end - NAMES)} height="10" rx="1" fill="var(--ink)" />
        {lost > 2 && <rect x={end + 1} y={y + 1.5} width={lost - 2} height="9" fill="none" stroke="var(--signal)" strokeDasharray="2 2" />}
        <text x={end + lost + 6} y={y + 10} className={row.lost ? "lost" : "strong"}>
          {row.shown}
        </text>
      </g>
    );
  });
}

function Dots({ rows }: { rows: Extract<Picture, { kind: "dots" }>["rows"] }) {
  const most = Math.max(1e-9, ...rows.map((row) => row.value));
  return rows.map((row, index) => {
    const y = index * ROW + 10;
    const end = NAMES + (row.value / most) * (WIDE - NAMES - VALUES);
    return (
      <g key={row.name}>
        <Words y={y - 6} name={row.name} />
        <line x1={NAMES} x2={end} y1={y} y2={y} stroke="var(--rule-2)" />
        <circle cx={end} cy={y} r="4.5" fill="var(--ink)" />
        <text x={end + 10} y={y + 4} className="strong">
          {row.shown}
        </text>
      </g>
    );
  });
}

const MOST_LETTERS = 17;

function Words({ y, name }: { y: number; name: string }) {
  return (
    <text x="0" y={y + 10} className="name">
      {name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 1)}…` : name}
      <title>{name}</title>
    </text>
  );
}

/** What each class is of the sessions, and of the revenue. */
function Shares({ rows }: { rows: Extract<Picture, { kind: "classes" }>["rows"] }) {
  const left = 64;
  const label = rows.map((row) => `${row.name}: ${row.shares.map(({ visitorClass, share }) => `${className(visitorClass)} ${whole(share)}`).join(", ")}`).join("; ");
  return (
    <>
      <svg className="overview-picture" viewBox={`0 0 ${WIDE} ${rows.length * 34}`} role="img" aria-label={label}>
        {rows.map((row, index) => (
          <g key={row.name}>
            <text x="0" y={index * 34 + 20} className="name">
              {row.name}
            </text>
            {placed(row.shares).map(({ visitorClass, share, before }) => {
              const [x, width] = [left + before * (WIDE - left), share * (WIDE - left)];
              if (width < 1.5) return null;
              const token = isClass(visitorClass) ? TOKEN[visitorClass] : null;
              return (
                <g key={visitorClass}>
                  <rect x={x} y={index * 34 + 4} width={width - 1} height="24" fill={token ? `var(--${token}-tint)` : "var(--paper-3)"} />
                  <rect x={x} y={index * 34 + 4} width={width - 1} height="2" fill={token ? `var(--${token})` : "var(--ink-3)"} />
                  {width > 34 && (
                    <text x={x + 5} y={index * 34 + 21} className="strong" style={{ fill: token ? `var(--${token}-text)` : "var(--ink)" }}>
                      {whole(share)}
                    </text>
                  )}
                </g>
              );
            })}
          </g>
        ))}
      </svg>
      <p className="overview-classes micro" aria-hidden="true">
        {CLASSES.map((each) => (
          <span key={each} className={`k-${TOKEN[each]}`}>
            {className(each)}
          </span>
        ))}
      </p>
    </>
  );
}

const whole = (share: number): string => `${Math.round(100 * share)}%`;

/** From the lowest class up, each with what stands before it; classes of other names stand last. */
function placed(shares: readonly { visitorClass: string; share: number }[]) {
  const rank = ({ visitorClass }: { visitorClass: string }): number => (isClass(visitorClass) ? CLASSES.indexOf(visitorClass) : CLASSES.length);
  let before = 0;
  return [...shares].sort((one, other) => rank(one) - rank(other)).map((one) => ({ ...one, before: (before += one.share) - one.share }));
}
