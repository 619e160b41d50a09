/** Funnels: how many took each of several steps in order, who they were, and where the others went. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer, Fault, Nothing } from "../../parts/answer";
import { Page, Cell, Sheet } from "../../parts/sheet";
import { useView } from "../../state/view";
import { TopActions } from "../../frame/top_bar";
import { SaveQuestion } from "../../parts/save_question";
import { Apart } from "./apart";
import { Columns } from "./columns";
import { barsOf, finding, outcome, unknown } from "./figures";
import "./funnels.css";
import { Opened } from "./opened";
import { PartTable } from "./part_table";
import { askedOf, changed, CLOSED, opening, useOpened, useQuestion, type Opened as Which } from "./question";
import { Sentence } from "./sentence";
import { Times } from "./times";

export default function Funnels() {
  const view = useView();
  const question = useQuestion();
  const { split, ...whole } = question.params;
  const byPart = useAnswer<Schema<"Funnel">>("/v1/funnel", question.params, { enabled: split !== undefined });
  const everyone = useAnswer<Schema<"Funnel">>("/v1/funnel", { ...whole, unit: question.unit });
  const opened = useOpened(question.steps.length);
  const parted = byPart.data !== undefined && !byPart.isPlaceholderData; // it may take longer; until then the bars are whole
  const shown = parted ? byPart : everyone;
  const drawn = parted ? question : { ...question, split: null };
  const bars = shown.data && !shown.isPlaceholderData ? barsOf(shown.data, question.steps, drawn.split === "class") : null;
  const ofAll = everyone.isPlaceholderData ? undefined : everyone.data?.rows[0];
  const noun = question.by === "session" ? "sessions" : "people";
  const open = (which: Which): void => view.set({ ...opening(which), trait: null });
  const setSteps = (steps: readonly string[]): void => view.set({ ...CLOSED, step: steps });
  return (
    <Page name="Funnels" headline={bars ? finding(bars) : "Funnels"} lede={bars ? outcome(bars, noun) : undefined}>
      <TopActions>
        <SaveQuestion asked={askedOf(question.params)} />
      </TopActions>
      <Sentence question={question} set={(changes) => view.set(changed(changes))} setWhere={(where) => view.set({ ...CLOSED, where: where || null })} />
      <Sheet>
        <Cell span={12} first last label="The funnel">
          {shown.isError && <Fault error={shown.error} asked="this funnel" retry={() => void shown.refetch()} />}
          <Columns bars={bars ?? unknown(question.steps)} known={bars !== null} busy={shown.isFetching} ask={shown.ask} times={ofAll?.steps ?? []} question={drawn} opened={opened} open={open} setSteps={setSteps} />
        </Cell>
        <Cell span={7} first title={split === undefined ? "Step by step" : `By ${split === "class" ? "class of the first step's session" : question.split}`} label="By part">
          <Answer of={split === undefined ? everyone : byPart} reads="the parts of the funnel" isEmpty={(data) => (data.rows[0]?.steps[0]?.people ?? 0) === 0} empty={<NoOne />}>
            {(data) => <PartTable answer={data} question={question} open={open} />}
          </Answer>
        </Cell>
        <Cell span={5} last title="Who took every step" subtitle={`% of those who began, by ${question.unit} (${question.range.asked.zone})`} label="Over time">
          <Answer of={everyone} reads="the funnel over time" height={220}>
            {(data) => <Times answer={data} question={question} open={open} />}
          </Answer>
        </Cell>
        <Apart bars={bars} question={question} />
      </Sheet>
      {opened && bars && (parted || opened.part === null) && <Opened opened={opened} bars={bars} trend={ofAll?.trend ?? []} question={question} open={open} close={() => view.set(CLOSED)} />}
    </Page>
  );
}

function NoOne() {
  return <Nothing>Nobody took the first step in this range. A longer range, or fewer filters, may find somebody.</Nothing>;
}
