/** The question as a sentence, whose words can be other ones. */
import { useState, type FormEvent } from "react";
import { Button, Choice } from "../../parts/button";
import { FilterField } from "../../parts/filter_field";
import { Popover } from "../../parts/popover";
import { Suggested, useSteps, useVocabulary } from "../../parts/vocabulary";
import { FIGURES } from "./figures";
import { ofProperty, type Question } from "./question";

const UNITS = ["minute", "hour", "day", "week", "month", "quarter", "year"];
const SPLITS = { none: "nothing", class: "class", country: "country", device: "device", channel: "channel", browser: "browser", utm_campaign: "campaign", product_category: "category", name: "event" };
const BESIDE = { before: "the time before", year: "the year before", none: "nothing" };

const options = (known: Readonly<Record<string, string>>, value: string): { value: string; label: string }[] => [
  ...Object.entries(known).map(([one, label]) => ({ value: one, label })),
  ...(value in known ? [] : [{ value, label: value }]), // of a link that somebody wrote
];

export function Sentence({ question, set }: { question: Question; set(changes: Record<string, string | null>): void }) {
  const [split, beside] = [question.split ?? "none", question.beside ?? "none"];
  const vocabulary = useVocabulary();
  return (
    <p className="sentence">
      Show <Choice label="Figure" value={question.figure} onChange={(figure) => set({ figure })} options={options(FIGURES, question.figure)} />{" "}
      {ofProperty(question.figure) && (
        <>
          of <Word label="Property" value={question.property ?? ""} options={(vocabulary?.properties ?? []).map((one) => ({ value: one.name, label: one.type }))} onChange={(property) => set({ property })} />{" "}
        </>
      )}
      of the event <Word label="Events" value={question.of} options={useSteps()} onChange={(of) => set({ of })} />, counted by{" "}
      <Choice label="Counted by" value={question.by} onChange={(by) => set({ by })} options={[{ value: "person", label: "person" }, { value: "session", label: "session" }]} />, a point each{" "}
      <Choice label="Unit" value={question.unit} onChange={(unit) => set({ unit })} options={UNITS.map((unit) => ({ value: unit, label: unit }))} />, split by{" "}
      <Choice label="Split by" value={split} onChange={(by) => set({ split: by })} options={options(SPLITS, split)} />, beside{" "}
      <Choice label="Beside" value={beside} onChange={(against) => set({ beside: against })} options={options(BESIDE, beside)} />, of all events{" "}
      <FilterField of="all events" value={question.where ?? ""} onChange={(where) => set({ where: where || null })} />
    </p>
  );
}

interface WordProps {
  label: string;
  value: string;
  options: readonly { value: string; label?: string }[];
  onChange(value: string): void;
}

/** A word of the sentence that may be any other: chosen from what there is, or typed. */
function Word({ label, value, options: known, onChange }: WordProps) {
  return (
    <Popover
      label={label}
      className="button trends-word"
      button={
        <>
          <span className="sr">{label}: </span>
          {value === "*" ? "anything" : value}
        </>
      }
    >
      {(close) => <WordForm label={label} value={value} options={known} done={(chosen) => { close(); onChange(chosen); }} />}
    </Popover>
  );
}

function WordForm({ label, value, options: known, done }: Omit<WordProps, "onChange"> & { done(value: string): void }) {
  const [text, setText] = useState(value);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim()) done(text.trim());
  };
  return (
    <form className="trends-word-form" onSubmit={submit}>
      <Suggested aria-label={label} required value={text} onChange={setText} options={known} />
      <Button type="submit" look="primary">
        Show
      </Button>
    </form>
  );
}
