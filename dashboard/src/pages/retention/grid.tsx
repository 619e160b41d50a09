/** The cohort grid: a row for each cohort, a cell for each period after it; every number opens its people. */
import { useProject } from "../../state/project";
import { exact } from "../../words/numbers";
import { day } from "../../words/times";
import { behind, isOpen, most, weight, written } from "./figures";
import { writeOpened, type Cohort, type Opened, type Question } from "./question";

interface GridProps {
  cohorts: readonly Cohort[];
  question: Question;
  opened: Opened | null;
  open(opened: Opened): void;
}

export function Grid({ cohorts, question, opened, open }: GridProps) {
  const { currency, zone } = useProject();
  const { show, unit, periods, by } = question;
  const chosen = opened && writeOpened(opened);
  const largest = most(cohorts, show);
  const noun = by === "session" ? "Sessions" : "People";
  return (
    <div className="table-frame retention-frame" tabIndex={0} role="region" aria-label="Cohorts">
      <table className="retention-grid dense">
        <caption className="sr">Each row is who began in one {unit}; each column a {unit} after it.</caption>
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col" className="figure-cell">
              {noun}
            </th>
            {Array.from({ length: periods + 1 }, (_, period) => (
              <th key={period} scope="col" className="figure-cell">
                {period === 0 ? `Same ${unit}` : period}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cohorts.map((cohort) => (
            <tr key={cohort.begin}>
              <th scope="row">
                {unit === "month" ? cohort.label : day(cohort.begin, zone)}
                {cohort.unfinished && <span className="soft"> so far</span>}
              </th>
              <td className="figure-cell">
                <Opener value={cohort.size} shown={exact(cohort.size)} label={`${exact(cohort.size)} ${noun.toLowerCase()} who began ${cohort.label}`} pressed={chosen === cohort.begin} open={() => open({ cohort: cohort.begin, period: null })} />
              </td>
              {cohort.cells.map((cell) => {
                const key = { cohort: cohort.begin, period: cell.period };
                const text = written(cell, cohort, show, currency);
                if (isOpen(cell) || text === null) return <td key={cell.period} className="retention-open" aria-label="not over yet" />;
                const style = { background: `color-mix(in srgb, var(--ink) ${Math.round(26 * Math.min(1, weight(cell, show, largest)))}%, transparent)` };
                return (
                  <td key={cell.period} className="figure-cell" style={style}>
                    <Opener value={behind(cell, show)} shown={text} label={`${cohort.label}, ${unit} ${cell.period}: ${text}`} pressed={chosen === writeOpened(key)} open={() => open(key)} />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A number that opens its people; nobody stands behind 0. */
function Opener({ value, shown, label, pressed, open }: { value: number | null; shown: string; label: string; pressed: boolean; open(): void }) {
  if (!value) return <span className="retention-number">{shown}</span>;
  return (
    <button type="button" className="retention-number" data-figure={value} title={exact(value)} aria-label={label} aria-pressed={pressed} onClick={open}>
      {shown}
    </button>
  );
}
