/** All dashboards and saved questions of the project; one is made by its name. */
import { useState, type FormEvent } from "react";
import { Link, useLocation } from "wouter";
import { send, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Dialog } from "../../frame/dialog";
import { Answer, Nothing } from "../../parts/answer";
import { Button } from "../../parts/button";
import { ShareDialog } from "../../parts/share_dialog";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { useMay, useProject } from "../../state/project";
import { plural } from "../../words/numbers";
import "./dashboards.css";
import { Links } from "./links";

type Board = Schema<"DashboardItem">;
type Question = Schema<"QuestionItem">;

const BOARDS: readonly Column<Board>[] = [
  { key: "name", head: "Dashboard", cell: (board) => <Link href={`/dashboards/${board.id}`}>{board.name}</Link>, sort: (board) => board.name },
  { key: "tiles", head: "Tiles", figure: true, cell: (board) => board.tiles.length, sort: (board) => board.tiles.length },
  { key: "id", head: "In code", wide: true, cell: (board) => <code>{board.id}</code>, sort: (board) => board.id },
];

const questionColumns = (share: ((question: Question) => void) | null): readonly Column<Question>[] => [
  { key: "name", head: "Saved question", cell: (question) => question.name, sort: (question) => question.name },
  { key: "kind", head: "Asks", cell: (question) => question.kind, sort: (question) => question.kind },
  { key: "id", head: "In code", wide: true, cell: (question) => <code>{question.id}</code>, sort: (question) => question.id },
  ...(share
    ? [
        {
          key: "share",
          head: "",
          figure: true,
          cell: (question: Question) => (
            <Button look="quiet" aria-label={`Share ${question.name}`} onClick={() => share(question)}>
              Share
            </Button>
          ),
        },
      ]
    : []),
];

export default function Dashboards() {
  const { id: project } = useProject();
  const boards = useAnswer<Schema<"DashboardList">>("/v1/dashboards", { project });
  const questions = useAnswer<Schema<"QuestionList">>("/v1/questions", { project });
  const [naming, name] = useState(false);
  const [shared, share] = useState<Question | null>(null);
  const may = useMay("manage");
  const make = may ? <Button onClick={() => name(true)}>New dashboard</Button> : undefined;
  return (
    <Page name="Dashboards" headline={headline(boards.data?.items, questions.data?.items)} lede="Kept beside your code with footfall dashboards pull, diff and push.">
      <Sheet>
        <Cell span={7} first title="Dashboards" action={make}>
          <Answer
            of={boards}
            reads="the dashboards"
            isEmpty={(data) => data.items.length === 0}
            empty={<Nothing>No dashboard yet. One shows the answers that you look at together, on one page.</Nothing>}
          >
            {(data) => <Table caption="Dashboards" columns={BOARDS} rows={data.items} rowKey={(board) => board.id} />}
          </Answer>
        </Cell>
        <Cell span={5} last title="Saved questions">
          <Answer
            of={questions}
            reads="the saved questions"
            isEmpty={(data) => data.items.length === 0}
            empty={<Nothing>No question is saved yet. Save one from its page, or with footfall questions save.</Nothing>}
          >
            {(data) => <Table caption="Saved questions" columns={questionColumns(may ? share : null)} rows={data.items} rowKey={(question) => question.id} />}
          </Answer>
        </Cell>
        {may && (
          <Cell span={12} first last title="Links" subtitle="what strangers who have them see, without a log-in">
            <Links nameOf={({ what, definition }) => (what === "dashboard" ? boards : questions).data?.items.find((one) => one.id === definition)?.name ?? definition} />
          </Cell>
        )}
      </Sheet>
      {shared && <ShareDialog what="question" id={shared.id} close={() => share(null)} />}
      {naming && <NewDashboard close={() => name(false)} />}
    </Page>
  );
}

function headline(boards: readonly Board[] | undefined, questions: readonly Question[] | undefined): string {
  if (!boards || !questions) return "Dashboards";
  if (boards.length + questions.length === 0) return "Nothing is saved yet.";
  return `${plural(boards.length, "dashboard", "dashboards")} and ${plural(questions.length, "saved question", "saved questions")}.`;
}

function NewDashboard({ close }: { close: () => void }) {
  const { id: project } = useProject();
  const [, go] = useLocation();
  const [name, setName] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      const made = await send<Board>("POST", "/v1/dashboards", { params: { project }, body: { name } });
      await queries.invalidateQueries({ queryKey: ["/v1/dashboards"] });
      go(`/dashboards/${made.id}?edit=1`);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog label="New dashboard" close={close}>
      <h2 className="dialog-head">New dashboard</h2>
      <form className="dialog-form" onSubmit={(event) => void make(event)}>
        <label>
          Name <input className="field" required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        {fault && (
          <p className="worse" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" className="button primary">
          Make it
        </button>
      </form>
    </Dialog>
  );
}
