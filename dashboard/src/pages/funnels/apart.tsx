/** What sets apart those who went on to a step: values of properties, with and without, and how sure the difference is. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { Choice } from "../../parts/button";
import { PeopleDrawer } from "../../parts/people_drawer";
import { Cell } from "../../parts/sheet";
import { saidOf, titleOf } from "../../state/steps";
import { useView } from "../../state/view";
import { decimal, exact, percent, plural } from "../../words/numbers";
import { hardest, type Bar } from "./figures";
import { CLOSED, type Question } from "./question";

type Found = Schema<"FunnelApart">;
type Trait = Schema<"ApartTrait">;

const NAMES: Readonly<Record<string, string>> = { os: "system", utm_campaign: "campaign", page_path: "page", product_category: "category" };
/** `country is NL`. */
const nameOf = (trait: Trait): string => `${NAMES[trait.property] ?? trait.property} is ${trait.value ?? "unknown"}`;
const keyOf = (trait: Trait): string => `${trait.property}${trait.value === null ? "?" : `=${trait.value}`}`;

/** Asked when the bars are known: it waits for nobody, and nobody waits for it. */
export function Apart({ bars, question }: { bars: readonly Bar[] | null; question: Question }) {
  const view = useView();
  const at = stepOf(Number(view.get("apart")), bars, question.steps.length);
  const params = { ...question.params, split: undefined, at };
  const answer = useAnswer<Found>("/v1/funnel/apart", params, { enabled: bars !== null });
  if (question.steps.length < 2) return null;
  const chosen = answer.data?.items.find((trait) => keyOf(trait) === view.get("trait"));
  const steps = question.steps.slice(1).map((step, index) => ({ value: String(index + 2), label: titleOf(step) }));
  return (
    <>
      <Cell
        span={12}
        first
        last
        label="What sets them apart"
        title="What sets apart those who went on"
        subtitle="share who went on with and without; the bar is the interval of the difference, its tick none"
        action={<Choice label="Went on to" value={String(at)} options={steps} onChange={(value) => view.set({ apart: value, trait: null })} />}
      >
        <Answer of={answer} reads="what sets them apart" height={120} isEmpty={(found) => found.items.length === 0} empty={<Nothing>{nothing(answer.data)}</Nothing>}>
          {(found) => <Traits found={found} noun={question.by === "session" ? "sessions" : "people"} open={(trait) => view.set({ ...CLOSED, trait: keyOf(trait) })} />}
        </Answer>
      </Cell>
      {chosen && (
        <PeopleDrawer
          key={keyOf(chosen)}
          of={{ path: "/v1/funnel/people", params: { ...question.params, split: chosen.property, value: chosen.value, unknown: chosen.value === null || undefined, at: at - 1 }, shown: chosen.having.people, noun: question.by === "session" ? "sessions" : "people" }}
          title={`Step ${at - 1}, ${nameOf(chosen)}`}
          words={`${exact(chosen.having.went_on)} of them ${saidOf(question.steps[at - 1] ?? "")}.`}
          close={() => view.set({ trait: null })}
        />
      )}
    </>
  );
}

/** The step that the address names, else the one before which most were lost. */
function stepOf(given: number, bars: readonly Bar[] | null, steps: number): number {
  if (Number.isInteger(given) && given >= 2 && given <= steps) return given;
  return (bars && hardest(bars)?.number) ?? 2;
}

function nothing(found: Found | undefined): string {
  if (!found || found.judged === 0) return "Too few people took the step before to say what sets them apart.";
  return "Nothing that chance would not explain.";
}

function Traits({ found, noun, open }: { found: Found; noun: string; open(trait: Trait): void }) {
  const most = Math.max(...found.items.flatMap((trait) => [Math.abs(trait.low), Math.abs(trait.high)]));
  return (
    <>
      <ul className="funnel-traits">
        {found.items.map((trait) => (
          <li key={keyOf(trait)}>
            <span className="clip" title={nameOf(trait)}>
              {nameOf(trait)}
            </span>
            <Interval of={trait} most={most} />
            <span>
              <b>{percent(trait.having.rate, 1)}</b> with, {percent(trait.others.rate, 1)} without
            </span>
            <button type="button" className="link" data-figure={trait.having.people} onClick={() => open(trait)}>
              {exact(trait.having.people)} {noun}
            </button>
          </li>
        ))}
      </ul>
      <p className="small soft">
        {plural(found.judged, "value", "values")} compared; the intervals hold for all of them together in 95 of 100 such answers. {exact(found.few)} with too few people left out. It went together; that is not yet why.
      </p>
    </>
  );
}

const WIDTH = 200;

/** From the least to the greatest difference that the figures allow, around a tick for none. */
function Interval({ of, most }: { of: Trait; most: number }) {
  const x = (points: number): number => WIDTH / 2 + (points / most) * (WIDTH / 2 - 1);
  const words = `${of.lift >= 0 ? "+" : "−"}${decimal(Math.abs(of.lift), 1)} points, ${decimal(of.low, 1)} to ${decimal(of.high, 1)}`;
  return (
    <svg className="funnel-interval" viewBox={`0 0 ${WIDTH} 12`} role="img" aria-label={words}>
      <title>{words}</title>
      <line x1="0" x2={WIDTH} y1="6" y2="6" />
      <rect className={of.lift > 0 ? "more" : "fewer"} x={x(of.low)} width={x(of.high) - x(of.low)} y="4" height="4" />
      <rect className="none" x={WIDTH / 2 - 0.75} width="1.5" y="1" height="10" />
    </svg>
  );
}
