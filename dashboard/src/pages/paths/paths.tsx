/** Paths: what people do after a page or an event, or before it; every node, link and step opens its people. */
import { useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { Choice } from "../../parts/button";
import { PeopleDrawer } from "../../parts/people_drawer";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { StepField } from "../../parts/step_field";
import { useView } from "../../state/view";
import { exact, percent } from "../../words/numbers";
import { TopActions } from "../../frame/top_bar";
import { SaveQuestion } from "../../parts/save_question";
import { Flow } from "./flow";
import "./paths.css";
import { finding, openings, SIDES, USUAL, useQuestion, type Answer as Paths, type Question, type Side } from "./question";
import { Tables } from "./tables";

export default function PathsPage() {
  const question = useQuestion();
  const answer = useAnswer<Paths>("/v1/paths", question.params);
  const view = useView();
  const told = answer.data && !answer.isPlaceholderData ? answer.data : undefined;
  const opened = view.get("open");
  const open = (key: string | null): void => view.set({ open: key }, true);
  const chosen = told && opened !== null ? openings(told).get(opened) : undefined;
  const noun = question.by === "session" ? "sessions" : "people";
  return (
    <Page name="Paths" headline={told ? headline(told, question) : "Paths"}>
      <TopActions>
        <SaveQuestion asked={question.asked} />
      </TopActions>
      <Sentence question={question} names={told ? namesOf(told) : []} />
      <Answer of={answer} reads="the ways of everybody in this range" height={400} isEmpty={(data) => data.nodes.length === 0} empty={<Nothing>Nobody took such a way in this range. A longer range, or another {question.over === "pages" ? "page" : "event"}, may find somebody.</Nothing>}>
        {(data) => (
          <Sheet>
            <Cell span={12} first last title={question.side === "end" ? "Where they came from" : "Where they go"} subtitle={`${noun} at each place; thick is many`} label="Ways">
              <div className="paths-flow" tabIndex={0} role="region" aria-label="Ways, to be scrolled sideways on a phone">
                <Flow answer={data} noun={noun} opened={opened} open={open} />
              </div>
            </Cell>
            <Tables answer={data} noun={noun} opened={opened} open={open} />
          </Sheet>
        )}
      </Answer>
      {chosen && <PeopleDrawer key={chosen.key} of={{ path: told?.people.path ?? "", params: { ...question.params, ...chosen.params }, shown: chosen.shown, noun }} title={chosen.title} close={() => open(null)} />}
    </Page>
  );
}

/** With fewer, their number is told, not a percentage. */
const FEWEST = 30;

function headline(answer: Paths, { side }: Question): string {
  const found = finding(answer, side);
  if (!found) return answer.nodes.length ? "Nobody went on" : "Nobody took such a way";
  const { node, link } = found;
  const share = node.people < FEWEST ? `${exact(link.people)} of ${exact(node.people)}` : percent((100 * link.people) / node.people, 0);
  return side === "end" ? `The most frequent step to ${link.target}: from ${link.source}.` : `${share} of those at ${link.source} go on to ${link.target}.`;
}

const namesOf = (answer: Paths): string[] => [...new Set(answer.nodes.flatMap(({ label }) => (label === null || label === undefined ? [] : [label])))];

function Sentence({ question, names }: { question: Question; names: readonly string[] }) {
  const view = useView();
  const { over, by, side, anchor, depth, top } = question;
  const set = (name: keyof typeof USUAL) => (value: string) => view.set({ [name]: value === USUAL[name] ? null : value, open: null });
  const setOver = (value: string): void => view.set({ over: value === USUAL.over ? null : value, start: null, end: null, open: null });
  const setSide = (value: Side): void => view.set({ start: value === "start" ? anchor : null, end: value === "end" ? anchor : null, open: null });
  const numbers = (...values: number[]) => [...new Set(values)].sort((one, other) => one - other).map((value) => ({ value: String(value), label: String(value) }));
  return (
    <p className="sentence">
      The{" "}
      <Choice label="What ways are made of" value={over} options={[{ value: "pages", label: "pages" }, { value: "events", label: "events" }]} onChange={setOver} /> of{" "}
      <Choice label="Who is counted" value={by} options={[{ value: "person", label: "people" }, { value: "session", label: "sessions" }]} onChange={set("by")} />{" "}
      <Choice label="Which part of their ways" value={side} options={Object.entries(SIDES).map(([value, label]) => ({ value: value as Side, label }))} onChange={setSide} />
      {side !== "begin" && " "}
      {side !== "begin" && <StepField label={over === "pages" ? "Page" : "Event"} value={anchor} suggested={names} placeholder={over === "pages" ? "/path" : "event"} onChange={(value) => view.set({ [side]: value, open: null })} />}, for{" "}
      <Choice label="Number of places" value={String(depth)} options={numbers(2, 3, 4, 5, 6, 8, depth)} onChange={set("depth")} /> steps, with the{" "}
      <Choice label="Names at each place" value={String(top)} options={numbers(4, 6, 10, 20, top)} onChange={set("top")} /> most frequent at each.
    </p>
  );
}
