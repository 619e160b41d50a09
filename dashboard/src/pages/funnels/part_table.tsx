/** The funnel of each part of the split: how many took each step, and which share of those who took the one before. */
import type { Schema } from "../../api/client";
import { ClassChip } from "../../parts/class_chip";
import { download } from "../../parts/download";
import { csvOf, Table, type Column } from "../../parts/table";
import { Defined } from "../../parts/words";
import { partsOf, titleOf } from "../../state/steps";
import { exact, percent } from "../../words/numbers";
import { keyOf, stacked, type Part } from "./figures";
import type { Opened, Question } from "./question";

interface PartTableProps {
  answer: Schema<"Funnel">;
  question: Question;
  open(opened: Opened): void;
}

export function PartTable({ answer, question, open }: PartTableProps) {
  const rows = stacked(answer.rows, question.split === "class");
  const columns = columnsOf(question, open);
  const csv = (): void => download("funnel.csv", csvOf(columns, rows));
  return (
    <>
      <Table caption="The funnel by part" columns={columns} rows={rows} rowKey={keyOf} />
      {rows.some((part) => byRule(part, question, question.steps.length - 1)) && (
        <p className="small soft funnel-note">A bouncer has neither cart nor order by definition: one of them makes a session a browser's.</p>
      )}
      <p className="chart-actions">
        <button type="button" className="link" onClick={csv}>
          CSV
        </button>
      </p>
    </>
  );
}

function columnsOf(question: Question, open: (opened: Opened) => void): Column<Part>[] {
  const last = question.steps.length - 1;
  return [
    { key: "part", head: question.split ?? "Everyone", cell: (part) => <PartName part={part} split={question.split} />, plain: nameOf },
    ...question.steps.map((step, index): Column<Part> => ({
      key: `${index + 1} ${step}`,
      head: titleOf(step),
      figure: true,
      wide: index > 0 && index < last,
      sort: (part) => part.steps[index]?.people ?? null,
      cell: (part) => <Cell part={part} index={index} question={question} open={open} />,
    })),
    {
      key: "first to last",
      head: "First to last",
      figure: true,
      sort: (part) => part.steps[last]?.of_first ?? null,
      cell: (part) => ((part.steps[0]?.people ?? 0) < 30 ? `${exact(part.steps[last]?.people)} of ${exact(part.steps[0]?.people)}` : percent(part.steps[last]?.of_first)),
    },
  ];
}

const nameOf = (part: Part): string => (part.other ? "other" : (part.value ?? ""));

function PartName({ part, split }: { part: Part; split: string | null }) {
  if (split === null) return <>Everyone</>;
  if (part.other) return <>other</>;
  if (part.value === null) return <span className="soft">unknown</span>;
  return split === "class" ? <ClassChip of={part.value} /> : <span className="clip">{part.value}</span>;
}

/** Whether nobody can be there: by session the class is that of the very session, and a bouncer's has no cart and no order. */
function byRule(part: Part, question: Question, index: number): boolean {
  if (question.by !== "session" || question.split !== "class" || part.value !== "bouncer") return false;
  const made = question.steps.slice(0, index + 1).some((step) => /^(kind:)?(cart|purchase|add_to_cart|order_completed)$/.test(partsOf(step).event));
  return made && part.steps[index]?.people === 0;
}

function Cell({ part, index, question, open }: { part: Part; index: number; question: Question; open(opened: Opened): void }) {
  const step = part.steps[index];
  if (!step) return null;
  if (byRule(part, question, index)) return <Defined means="One cart or order makes a session a browser's, so no bouncer's session has one.">0, by rule</Defined>;
  const before = part.steps[index - 1]?.people ?? 0;
  const figure = exact(step.people);
  return (
    <span className="funnel-cell">
      {step.people > 0 ? (
        <button type="button" className="link" data-figure={step.people} onClick={() => open({ at: step.number, dropped: false, part: question.split === null ? null : keyOf(part), period: null })}>
          {figure}
        </button>
      ) : (
        figure
      )}{" "}
      {before >= 30 && <small>{percent(step.of_before, 1)}</small>}
    </span>
  );
}
