/** Trends: one figure over time, split, beside an earlier time, the unusual marked, and the people behind every point. */
import { useCallback } from "react";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer } from "../../parts/answer";
import { Chart, type Picked, type Tokens } from "../../parts/chart";
import { ClassChip } from "../../parts/class_chip";
import { PeopleDrawer } from "../../parts/people_drawer";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { useProject } from "../../state/project";
import { useView } from "../../state/view";
import { exact } from "../../words/numbers";
import { TopActions } from "../../frame/top_bar";
import { SaveQuestion } from "../../parts/save_question";
import { MOST_LINES, optionOf } from "./drawing";
import { capital, FIGURES, finding, keyOf, nameOf, unusual, written, type Line, type Point } from "./figures";
import { askedOf, changed, CLOSED, coordinatesOf, useOpened, useQuestion, type Opened, type Question } from "./question";
import { Sentence } from "./sentence";
import "./trends.css";

type Answered = Schema<"Trends">;
type Open = (opened: Opened) => void;

export default function Trends() {
  const view = useView();
  const question = useQuestion();
  const answer = useAnswer<Answered>("/v1/trends", question.params);
  const opened = useOpened();
  const told = answer.isPlaceholderData ? undefined : answer.data;
  const one = question.split === null ? told?.rows[0] : undefined;
  const said = { ...question, currency: told?.currency ?? "USD" };
  const headline = told && (question.split === null || told.rows.length === 0) ? finding(one, said) : told ? greatest(told, question) : "Trends";
  const open: Open = (which) => view.set({ ...which });
  return (
    <Page name="Trends" headline={headline} lede={unusual(one, said) || undefined}>
      <TopActions>
        <SaveQuestion asked={askedOf(question.params)} />
      </TopActions>
      <Sentence question={question} set={(changes) => view.set(changed(changes))} />
      <Sheet>
        <Cell span={12} first last title={capital(`${FIGURES[question.figure] ?? question.figure} by ${question.unit}`)} subtitle={`${question.range.label}, ${question.range.asked.zone}; dotted where more may come`} label="Over time">
          <Answer of={answer} reads={`the ${question.figure} of each ${question.unit}`} height={320} isEmpty={(data) => data.rows.length === 0}>
            {(data) => <Lines answer={data} question={question} open={open} />}
          </Answer>
        </Cell>
        <Cell span={12} first last title={question.split === null ? `Each ${question.unit}` : `By ${question.split}`} label="Figures">
          <Answer of={answer} reads="the figures" isEmpty={(data) => data.rows.length === 0}>
            {(data) => (question.split === null ? <Periods line={data.rows[0]} answer={data} question={question} open={open} /> : <Parts answer={data} question={question} open={open} />)}
          </Answer>
        </Cell>
      </Sheet>
      {opened && told && <Behind opened={opened} answer={told} question={question} open={open} close={() => view.set(CLOSED)} />}
    </Page>
  );
}

/** The part of the split whose figure is the greatest. */
function greatest(answer: Answered, question: Question): string {
  const known = answer.rows.filter((line) => !line.other && line.total !== null);
  const [first] = [...known].sort((left, right) => Number(right.total) - Number(left.total));
  if (!first) return "Nothing happened in this range.";
  const name = nameOf(first, question.split, question.figure);
  return `${capital(name)} stands first: ${written(first.total, question.figure, answer.currency)} ${FIGURES[question.figure] ?? question.figure}.`;
}

interface Row {
  key: string;
  group: string;
  line: string;
  point: Point;
}

function Lines({ answer, question, open }: { answer: Answered; question: Question; open: Open }) {
  const { zone } = useProject();
  const lines = answer.rows.slice(0, MOST_LINES);
  const option = useCallback((tokens: Tokens) => optionOf({ lines: answer.rows.slice(0, MOST_LINES), question, currency: answer.currency, zone }, tokens), [answer, question, zone]);
  const rows = answer.rows.flatMap((line): Row[] => line.points.map((point) => ({ key: keyOf(line) + point.begin, group: keyOf(line), line: nameOf(line, question.split, question.figure), point })));
  const pick = (picked: Picked): void => {
    const line = lines.find((each) => keyOf(each) === picked.seriesName);
    const point = line?.points[picked.dataIndex];
    if (line && point && point.people > 0) open({ line: keyOf(line), period: point.begin });
  };
  const columns: Column<Row>[] = [
    { key: "line", head: capital(question.split ?? "figure"), cell: (row) => row.line, sort: (row) => row.line },
    { key: "period", head: capital(question.unit), cell: (row) => row.point.label, sort: (row) => row.point.begin, plain: (row) => row.point.label },
    { key: "value", head: "Value", figure: true, cell: (row) => written(row.point.value, question.figure, answer.currency), sort: (row) => (row.point.value === null ? null : Number(row.point.value)) },
    { key: "beside", head: "Beside", figure: true, cell: (row) => written(row.point.beside, question.figure, answer.currency), sort: (row) => (row.point.beside === null ? null : Number(row.point.beside)) },
    { key: "people", head: question.by === "session" ? "Sessions" : "People", figure: true, cell: (row) => exact(row.point.people), sort: (row) => row.point.people },
    { key: "open", head: "", cell: (row) => (row.point.unfinished ? "open" : ""), plain: (row) => (row.point.unfinished ? "open" : "") },
  ];
  return (
    <>
      <Chart label={`${FIGURES[question.figure] ?? question.figure} by ${question.unit}`} option={option} height={320} columns={columns} rows={rows} rowKey={(row) => row.key} file="trends" onPick={pick} open={(row) => row.point.people > 0 && open({ line: row.group, period: row.point.begin })} figure={(row) => row.point.people} />
      {answer.rows.length > MOST_LINES && <p className="small soft">The first {MOST_LINES} are drawn; all {exact(answer.rows.length)} stand below.</p>}
    </>
  );
}

function People({ many, label, pick }: { many: number; label: string; pick(): void }) {
  if (many === 0) return <>0</>;
  return (
    <button type="button" className="link" data-figure={many} aria-label={`${exact(many)} behind ${label}: who they are`} onClick={pick}>
      {exact(many)}
    </button>
  );
}

/** Whether the figure is how many are behind it, so that one column says both. */
const countsItself = (question: Question): boolean => question.figure === (question.by === "session" ? "sessions" : "people");

function behindIt(question: Question): string {
  const counted = question.by === "session" ? "Sessions" : "People";
  return countsItself(question) ? counted : `${counted} behind it`;
}

function Periods({ line, answer, question, open }: { line: Line | undefined; answer: Answered; question: Question; open: Open }) {
  if (!line) return null;
  const columns: Column<Point>[] = [
    { key: "period", head: capital(question.unit), cell: (point) => point.label, sort: (point) => point.begin },
    ...(countsItself(question) ? [] : [{ key: "value", head: capital(FIGURES[question.figure] ?? question.figure), figure: true, cell: (point: Point) => written(point.value, question.figure, answer.currency), sort: (point: Point) => (point.value === null ? null : Number(point.value)) }]),
    ...(question.beside === null ? [] : [{ key: "beside", head: question.beside === "year" ? "A year before" : "The time before", figure: true, wide: true, cell: (point: Point) => written(point.beside, question.figure, answer.currency), sort: (point: Point) => (point.beside === null ? null : Number(point.beside)) }]),
    { key: "people", head: behindIt(question), figure: true, sort: (point) => point.people, cell: (point) => <People many={point.people} label={point.label} pick={() => open({ line: keyOf(line), period: point.begin })} /> },
    { key: "note", head: "", wide: true, cell: (point) => <span className="small soft">{noteOf(point)}</span> },
  ];
  return <Table caption={`Each ${question.unit}`} columns={columns} rows={[...line.points].reverse()} rowKey={(point) => point.begin} dense />;
}

const noteOf = (point: Point): string => (point.unfinished ? "open: more may come" : point.partial ? "the range begins or ends within it" : point.verdict?.unusual ? "unusual" : "");

function Parts({ answer, question, open }: { answer: Answered; question: Question; open: Open }) {
  const columns: Column<Line>[] = [
    { key: "value", head: capital(question.split ?? "figure"), cell: (line) => (question.split === "class" && line.value !== null ? <ClassChip of={line.value} /> : <span className="clip">{nameOf(line, question.split, question.figure)}</span>), sort: (line) => nameOf(line, question.split, question.figure) },
    ...(countsItself(question) ? [] : [{ key: "total", head: capital(FIGURES[question.figure] ?? question.figure), figure: true, cell: (line: Line) => written(line.total, question.figure, answer.currency), sort: (line: Line) => (line.total === null ? null : Number(line.total)) }]),
    { key: "people", head: behindIt(question), figure: true, sort: (line) => line.people, cell: (line) => <People many={line.people} label={nameOf(line, question.split, question.figure)} pick={() => open({ line: keyOf(line), period: null })} /> },
  ];
  return <Table caption={`By ${question.split ?? ""}`} columns={columns} rows={answer.rows} rowKey={keyOf} />;
}

function Behind({ opened, answer, question, open, close }: { opened: Opened; answer: Answered; question: Question; open: Open; close(): void }) {
  const line = answer.rows.find((each) => keyOf(each) === opened.line);
  if (!line) return null;
  const at = line.points.findIndex((point) => point.begin === opened.period);
  const point = line.points[at];
  const later = opened.period === null ? undefined : line.points.slice(at + 1).find((each) => each.people > 0);
  const name = nameOf(line, question.split, question.figure);
  return (
    <PeopleDrawer
      key={`${opened.line} ${opened.period ?? ""}`}
      of={{ path: answer.people.path, params: { ...question.params, ...coordinatesOf(opened, question.split) }, shown: point?.people ?? line.people, noun: question.by === "session" ? "sessions" : "people" }}
      title={`${name}, ${point?.label ?? question.range.label.toLowerCase()}`}
      close={close}
      next={later && (() => open({ line: opened.line, period: later.begin }))}
    />
  );
}
