/** One dashboard: its tiles with their answers, changed in place by who may, and shared by a link. */
import { useState } from "react";
import { useParams } from "wouter";
import { send, type Params, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Answer, Fault, Nothing } from "../../parts/answer";
import { Button, Choice } from "../../parts/button";
import { Drawn, type Answers, type Opened } from "../../parts/drawn";
import { PeopleDrawer } from "../../parts/people_drawer";
import { ShareDialog } from "../../parts/share_dialog";
import { Page, Sheet } from "../../parts/sheet";
import type { Asked } from "../../state/asked";
import { useMay, useProject } from "../../state/project";
import { useRange } from "../../state/range";
import { useView } from "../../state/view";
import "./dashboards.css";
import { moved, placed } from "./rows";
import { Tile } from "./tile";

type Board = Schema<"DashboardItem">;
type BoardTile = Schema<"TileItem">;
type Saved = Schema<"QuestionItem">;

export default function Dashboard() {
  const { id = "" } = useParams<{ id: string }>();
  const { id: project } = useProject();
  const path = `/v1/dashboards/${encodeURIComponent(id)}`;
  const board = useAnswer<Board>(path, { project });
  const questions = useAnswer<Schema<"QuestionList">>("/v1/questions", { project });
  if (board.isError) return <Fault error={board.error} asked="this dashboard" />;
  if (!board.data || !questions.data) return <div aria-busy="true" />;
  return <Shown key={JSON.stringify(board.data)} path={path} board={board.data} saved={questions.data.items} />;
}

function Shown({ path, board, saved }: { path: string; board: Board; saved: readonly Saved[] }) {
  const { id: project } = useProject();
  const view = useView();
  const may = useMay("manage");
  const editing = may && view.get("edit") !== null;
  const [tiles, setTiles] = useState<readonly BoardTile[]>(board.tiles);
  const [sharing, share] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const leave = (): void => view.set({ edit: null });
  const save = async (): Promise<void> => {
    try {
      await send("PUT", path, { params: { project }, body: { name: board.name, tiles } });
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/v1/dashboards") });
      leave();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  const change = (place: number, changes: Partial<BoardTile>): void =>
    setTiles(tiles.map((tile, at) => (at === place ? { ...tile, ...changes } : tile)));
  const title = (tile: BoardTile): string => tile.title || (saved.find((one) => one.id === tile.question)?.name ?? "");
  return (
    <Page name={board.name} headline={board.name}>
      <div className="dashboards-actions">
        {editing ? (
          <>
            <AddTile saved={saved} add={(question) => setTiles([...tiles, { title: "", question, width: 6, form: "chart" }])} />
            <Button look="primary" onClick={() => void save()}>
              Save
            </Button>
            <Button look="quiet" onClick={() => { setTiles(board.tiles); leave(); }}>
              Discard
            </Button>
          </>
        ) : (
          may && (
            <>
              <Button onClick={() => view.set({ edit: "1" })}>Edit</Button>
              <Button onClick={() => share(true)}>Share</Button>
            </>
          )
        )}
      </div>
      {fault && (
        <p className="worse" role="alert">
          {fault}
        </p>
      )}
      {tiles.length === 0 && <Nothing>This dashboard has no tiles yet.</Nothing>}
      <Sheet>
        {placed(tiles.map((tile) => ({ ...tile, width: tile.width ?? 6 }))).map(({ tile, first, last }, place) => (
          <Tile
            key={`${place} ${tile.question ?? JSON.stringify(tile.ask)}`}
            title={title(tile)}
            width={tile.width}
            first={first}
            last={last}
            action={editing ? <TileTools tile={tile} name={title(tile)} change={(changes) => change(place, changes)} move={(by) => setTiles(moved(tiles, place, by))} remove={() => setTiles(tiles.filter((_, at) => at !== place))} /> : undefined}
          >
            <TileAnswer title={title(tile)} asked={tile.ask ?? saved.find((one) => one.id === tile.question)} form={tile.form ?? "chart"} />
          </Tile>
        ))}
      </Sheet>
      {sharing && <ShareDialog what="dashboard" id={board.id} close={() => share(false)} />}
    </Page>
  );
}

/** The page's range holds for questions that have none of their own. */
function TileAnswer({ title, asked, form }: { title: string; asked: Schema<"Asked"> | undefined; form: "chart" | "table" }) {
  const range = useRange("28d");
  const { dimension, ...params } = (asked?.params ?? {}) as Record<string, string>;
  const own = ["from", "before", "last"].some((name) => name in params) ? { from: undefined, before: undefined } : {};
  const of = dimension === undefined ? "" : `/${encodeURIComponent(dimension)}`;
  const [opened, open] = useState<Opened | null>(null);
  const answer = useAnswer<Answers[Asked["kind"]]>(`/v1/${asked?.kind ?? ""}${of}`, { ...range.asked, ...own, ...(params as Params) }, { enabled: asked !== undefined });
  if (!asked) return <Nothing>Its question is not there any more.</Nothing>;
  return (
    <>
      <Answer of={answer} reads={title} height={240}>
        {(data) => <Drawn kind={asked.kind} answer={data} title={title} form={form} open={open} />}
      </Answer>
      {opened && answer.data && (
        <PeopleDrawer
          key={opened.title}
          of={{ path: answer.data.people.path, params: { ...answer.ask.params, ...opened.params }, shown: opened.shown, noun: opened.noun ?? (params["by"] === "session" ? "sessions" : "people") }}
          title={`${title}: ${opened.title}`}
          close={() => open(null)}
        />
      )}
    </>
  );
}

const WIDTHS = ["3", "4", "5", "6", "7", "8", "9", "12"].map((value) => ({ value, label: `${value} of 12 wide` }));
const FORMS = [
  { value: "chart", label: "as chart" },
  { value: "table", label: "as table" },
] as const;

interface ToolsProps {
  tile: BoardTile & { width: number };
  name: string;
  change(changes: Partial<BoardTile>): void;
  move(by: -1 | 1): void;
  remove(): void;
}

function TileTools({ tile, name, change, move, remove }: ToolsProps) {
  return (
    <span className="dashboards-tools">
      <Choice label={`Width of ${name}`} value={String(tile.width)} options={WIDTHS} onChange={(width) => change({ width: Number(width) })} />
      <Choice label={`Form of ${name}`} value={tile.form ?? "chart"} options={FORMS} onChange={(form) => change({ form })} />
      <Button look="quiet" aria-label={`Move ${name} up`} onClick={() => move(-1)}>
        ↑
      </Button>
      <Button look="quiet" aria-label={`Move ${name} down`} onClick={() => move(1)}>
        ↓
      </Button>
      <Button look="quiet" aria-label={`Remove ${name}`} onClick={remove}>
        ✕
      </Button>
    </span>
  );
}

function AddTile({ saved, add }: { saved: readonly Saved[]; add: (question: string) => void }) {
  if (saved.length === 0) return <p className="soft">Save a question from its page first.</p>;
  const options = [{ value: "", label: "Add a saved question…" }, ...saved.map((one) => ({ value: one.id, label: one.name }))];
  return <Choice label="Add a tile" value="" options={options} onChange={(question) => question && add(question)} />;
}
