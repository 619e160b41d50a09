/** Retention: who comes back after they began, by cohort, with what they bought; every cell opens its people. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { Choice } from "../../parts/button";
import { PeopleDrawer } from "../../parts/people_drawer";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { useView } from "../../state/view";
import { TopActions } from "../../frame/top_bar";
import { SaveQuestion } from "../../parts/save_question";
import { Curves, partName } from "./curves";
import { behind, finding, lived } from "./figures";
import { Grid } from "./grid";
import { readOpened, SHOWN, useQuestion, writeOpened, type Cohort, type Opened, type Part, type Question } from "./question";
import "./retention.css";
import { Sentence } from "./sentence";

type Retention = Schema<"Retention">;

export default function RetentionPage() {
  const question = useQuestion();
  const answer = useAnswer<Retention>("/v1/retention", question.params);
  const usual = question.first === "*" && question.back === "*" && question.cohorts === "first" && question.split === null;
  const told = answer.data && !answer.isPlaceholderData;
  return (
    <Page name="Retention" headline={told && usual ? finding(answer.data.rows[0], question.unit) : told ? "Who comes back" : "Retention"}>
      <TopActions>
        <SaveQuestion asked={question.asked} usual="90d" />
      </TopActions>
      <Sentence question={question} />
      <Answer of={answer} reads="who came back" height={360} isEmpty={(data) => data.rows.every((part) => lived(part.cohorts).length === 0)} empty={<Nothing>Nobody began in this range. A longer range, or another first event, may find somebody.</Nothing>}>
        {(data) => <Whole answer={data} question={question} />}
      </Answer>
    </Page>
  );
}

function Whole({ answer, question }: { answer: Retention; question: Question }) {
  const view = useView();
  const part = answer.rows.find((one) => partKey(one) === view.get("part")) ?? answer.rows[0];
  const opened = readOpened(view.get("open"));
  const open = (which: Opened | null): void => view.set({ open: which && writeOpened(which) }, true);
  if (!part) return null;
  const cohorts = lived(part.cohorts);
  const found = cohorts.find((cohort) => cohort.begin === opened?.cohort);
  const parts = answer.rows.map((one) => ({ value: partKey(one), label: partName(one) }));
  const choice = question.split !== null && <Choice label={`Which ${question.split}`} value={partKey(part)} options={parts} onChange={(value) => view.set({ part: value, open: null })} />;
  return (
    <Sheet>
      <Cell span={12} first last title={`The ${SHOWN[question.show]} that came back`} subtitle={`by ${question.unit} in which they began; an empty cell is not over yet`} action={choice || undefined} label="Cohorts">
        <Grid cohorts={cohorts} question={question} opened={opened} open={open} />
      </Cell>
      <Cell span={12} first last title={question.split === null ? "How each cohort stays" : `How each ${question.split} stays`} subtitle={`${SHOWN[question.show]}, by ${question.unit} after the first`} label="Curves">
        <Curves parts={answer.rows} cohorts={cohorts} question={question} />
      </Cell>
      {opened && found && <Behind {...{ answer, question, part, opened }} cohort={found} close={() => open(null)} />}
    </Sheet>
  );
}

interface BehindProps {
  answer: Retention;
  question: Question;
  part: Part;
  cohort: Cohort;
  opened: Opened;
  close(): void;
}

function Behind({ answer, question, part, cohort, opened, close }: BehindProps) {
  const cell = cohort.cells.find(({ period }) => period === opened.period);
  const shown = opened.period === null ? cohort.size : cell && behind(cell, question.show);
  if (shown === null || shown === undefined) return null;
  const buyers = opened.period !== null && (question.show === "revenue" || question.show === "lifetime");
  const split = question.split === null ? {} : part.other ? { other: true } : part.value === null ? { unknown: true } : { value: part.value };
  const params = { ...question.params, ...split, cohort: cohort.begin, period: opened.period, buyers: buyers || undefined };
  const title = opened.period === null ? `Began ${cohort.label}` : `Began ${cohort.label}, ${buyers ? "bought" : "active"} in ${question.unit} ${opened.period}`;
  return <PeopleDrawer key={writeOpened(opened)} of={{ path: answer.people.path, params, shown, noun: question.by === "session" ? "sessions" : "people" }} title={title} close={close} />;
}

const partKey = (part: Part): string => (part.other ? "other" : part.value === null ? "unknown" : `=${part.value}`);
