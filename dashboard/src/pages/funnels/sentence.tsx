/** The question as a sentence, whose words can be other ones. */
import { Choice } from "../../parts/button";
import { FilterField } from "../../parts/filter_field";
import type { Question } from "./question";

export const LENGTHS: Readonly<Record<string, string>> = { "30m": "30 minutes", "1h": "an hour", "1d": "a day", "7d": "7 days", "14d": "14 days", "30d": "30 days", "90d": "90 days" };
const SPLITS = { class: "class", none: "nothing", country: "country", device: "device", channel: "channel", browser: "browser", utm_campaign: "campaign", product_category: "category" };

const options = (known: Readonly<Record<string, string>>, value: string): { value: string; label: string }[] => [
  ...Object.entries(known).map(([one, label]) => ({ value: one, label })),
  ...(value in known ? [] : [{ value, label: value }]), // of a link that somebody wrote
];

type Changes = Partial<Record<"by" | "within" | "order" | "split" | "against", string>>;

export function Sentence({ question, set, setWhere }: { question: Question; set(changes: Changes): void; setWhere(where: string): void }) {
  const split = question.split ?? "none";
  return (
    <p className="sentence">
      Count <Choice label="Count" value={question.by} onChange={(by) => set({ by })} options={[{ value: "person", label: "people" }, { value: "session", label: "sessions" }]} /> taking these steps in order,{" "}
      <Choice label="Between two steps" value={question.order} onChange={(order) => set({ order })} options={[{ value: "loose", label: "anything between" }, { value: "strict", label: "nothing between" }]} />, within{" "}
      <Choice label="Within" value={question.within} onChange={(within) => set({ within })} options={options(LENGTHS, question.within)} /> by{" "}
      <Choice label="By" value={split} onChange={(by) => set({ split: by })} options={options(SPLITS, split)} />, bars against{" "}
      <Choice label="Bars against" value={question.against} onChange={(against) => set({ against })} options={[{ value: "before", label: "the step before" }, { value: "first", label: "step 1" }]} />, of all events{" "}
      <FilterField of="all events" value={question.where ?? ""} onChange={setWhere} />
    </p>
  );
}
