/** The builder that is the chart: each column's head is its step, its bar says who took it, and what is under it how many. */
import type { Schema } from "../../api/client";
import { asking } from "../../parts/asking";
import { className, isClass, TOKEN } from "../../parts/classes";
import type { Ask } from "../../state/ask";
import { titleOf } from "../../state/steps";
import { exact, share } from "../../words/numbers";
import type { Bar, Piece } from "./figures";
import { MOST_STEPS, type Opened, type Question } from "./question";
import { AddStep, StepHead } from "./step_head";
import { Waits } from "./waits";

interface ColumnsProps {
  bars: readonly Bar[];
  /** Whether the figures are those of this question; until then the builder stands without them. */
  known: boolean;
  busy: boolean;
  /** What the bars answer. */
  ask: Ask;
  /** The steps of everybody, for times that don't add up over parts; empty until they are known. */
  times: readonly Schema<"StepItem">[];
  question: Question;
  opened: Opened | null;
  open(opened: Opened): void;
  setSteps(steps: readonly string[]): void;
}

export function Columns({ bars, known, busy, ask, times, question, opened, open, setSteps }: ColumnsProps) {
  const { steps } = question;
  const noun = question.by === "session" ? "sessions" : "people";
  return (
    <div className="funnel-frame" tabIndex={-1} aria-busy={busy} {...(known && asking(ask))}>
      <ol className="funnel-columns">
        {bars.map((bar, index) => (
          <li key={index} className="funnel-column" aria-label={`Step ${bar.number}, ${titleOf(bar.step)}`}>
            <StepHead step={bar.step} number={bar.number} steps={steps} setSteps={setSteps} />
            {known ? (
              <>
                <Tower bar={bar} before={bars[index - 1]?.people ?? bar.people} first={bars[0]?.people ?? 0} question={question} opened={opened} open={open} />
                <Figures bar={bar} before={bars[index - 1]} first={bars[0]?.people ?? 0} noun={noun} open={() => open({ at: bar.number, dropped: false, part: null, period: null })} />
                <Waits of={times[index]} first={index === 0} />
              </>
            ) : (
              <div className="funnel-tower funnel-waiting" />
            )}
          </li>
        ))}
        {steps.length < MOST_STEPS && (
          <li className="funnel-column funnel-add">
            <AddStep add={(step) => setSteps([...steps, step])} />
          </li>
        )}
      </ol>
    </div>
  );
}

/** Opened at a piece of it or as a whole, a bar keeps its outline. */
const isOpen = (opened: Opened | null, at: number, dropped: boolean, part: string | null): boolean =>
  opened !== null && opened.at === at && opened.dropped === dropped && opened.period === null && opened.part === part;

interface TowerProps {
  bar: Bar;
  before: number;
  first: number;
  question: Question;
  opened: Opened | null;
  open(opened: Opened): void;
}

/** Who left above, hatched; below who went on, part by part. Heights are shares of the step before, or of the first. */
function Tower({ bar, before, first, question, opened, open }: TowerProps) {
  const scale = question.against === "first" ? first : before;
  const size = (people: number): string => `${scale === 0 ? 0 : (100 * people) / scale}%`;
  const left = bar.dropped ?? 0;
  return (
    <div className="funnel-tower">
      {left > 0 && (
        <button
          type="button"
          className={`funnel-left${isOpen(opened, bar.number, true, null) ? " open" : ""}`}
          style={{ flexBasis: size(left) }}
          data-figure={left}
          aria-label={`${exact(left)} left before step ${bar.number}: who they are`}
          onClick={() => open({ at: bar.number, dropped: true, part: null, period: null })}
        >
          <b>{exact(left)}</b> left
        </button>
      )}
      {[...bar.pieces].reverse().map((piece, index) => (
        <Segment key={piece.key} piece={piece} place={bar.pieces.length - 1 - index} bar={bar} size={size(piece.people)} split={question.split} open={isOpen(opened, bar.number, false, piece.key)} pick={() => open({ at: bar.number, dropped: false, part: question.split === null ? null : piece.key, period: null })} />
      ))}
    </div>
  );
}

interface SegmentProps {
  piece: Piece;
  place: number;
  bar: Bar;
  size: string;
  split: string | null;
  open: boolean;
  pick(): void;
}

function Segment({ piece, place, bar, size, split, open, pick }: SegmentProps) {
  if (piece.people === 0) return null;
  const { value } = piece.part;
  const name = split === null ? "went on" : piece.part.other ? "other" : value === null ? "unknown" : className(value);
  const look = split === "class" && value !== null && isClass(value) ? `k-${TOKEN[value]} mark-${TOKEN[value]}` : split === null ? "mark-ink" : `mark-cat-${Math.min(place, 4)}`;
  return (
    <button type="button" className={`funnel-piece ${look}${open ? " open" : ""}`} style={{ flexBasis: size }} data-figure={piece.people} aria-label={`${exact(piece.people)} ${name} at step ${bar.number}: who they are`} title={`${exact(piece.people)} ${name}`} onClick={pick}>
      <span>
        <b>{exact(piece.people)}</b> {bar.number === 1 || split !== "class" ? name : ""}
      </span>
    </button>
  );
}

interface FiguresProps {
  bar: Bar;
  before: Bar | undefined;
  first: number;
  noun: string;
  open(): void;
}

function Figures({ bar, before, first, noun, open }: FiguresProps) {
  return (
    <div className="funnel-figures">
      <button type="button" className="figure funnel-count" data-figure={bar.people} aria-label={`${exact(bar.people)} ${noun} took step ${bar.number}: who they are`} onClick={open}>
        {exact(bar.people)}
      </button>
      <p>{before ? share(bar.people, before.people, `step ${before.number}`) : noun}</p>
      <p>{before ? share(bar.people, first, "everyone") : "to begin with"}</p>
    </div>
  );
}
