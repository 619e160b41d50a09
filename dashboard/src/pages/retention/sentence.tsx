/** The question as a sentence whose words can be others. */
import { Choice } from "../../parts/button";
import { StepField, USUAL_STEPS } from "../../parts/step_field";
import { useView } from "../../state/view";
import { SHOWN, UNITS, USUAL, type Question } from "./question";

const SPLITS = { "": "nothing", channel: "channel", device: "device", country: "country", class: "class", browser: "browser", utm_campaign: "campaign" };

export function Sentence({ question }: { question: Question }) {
  const view = useView();
  const set = (name: keyof typeof USUAL | "split") => (value: string) => view.set({ [name]: value === "" || (name !== "split" && value === USUAL[name]) ? null : value, open: null, part: null });
  const splits = question.split !== null && !(question.split in SPLITS) ? { ...SPLITS, [question.split]: question.split } : SPLITS;
  return (
    <p className="sentence">
      Of the <Choice label="Who is counted" value={question.by} options={[{ value: "person", label: "people" }, { value: "session", label: "sessions" }]} onChange={set("by")} /> that did{" "}
      <StepField label="Event that makes a cohort" value={question.first} suggested={USUAL_STEPS} onChange={set("first")} />{" "}
      <Choice label="When a cohort is joined" value={question.cohorts} options={[{ value: "first", label: "for the first time ever" }, { value: "active", label: "at all" }]} onChange={set("cohorts")} /> in a{" "}
      <Choice label="Length of a period" value={question.unit} options={UNITS.map((value) => ({ value, label: value }))} onChange={set("unit")} />, show the{" "}
      <Choice label="What is shown" value={question.show} options={Object.entries(SHOWN).map(([value, label]) => ({ value, label }))} onChange={set("show")} /> that did{" "}
      <StepField label="Event that counts as coming back" value={question.back} suggested={USUAL_STEPS} onChange={set("back")} /> in each of the{" "}
      <Choice label="Number of periods" value={String(question.periods)} options={periods(question.periods)} onChange={set("periods")} /> {question.unit}s after, split by{" "}
      <Choice label="Split" value={question.split ?? ""} options={Object.entries(splits).map(([value, label]) => ({ value, label }))} onChange={set("split")} />.
    </p>
  );
}

const periods = (chosen: number) => [...new Set([4, 8, 12, 26, chosen])].sort((one, other) => one - other).map((value) => ({ value: String(value), label: String(value) }));
