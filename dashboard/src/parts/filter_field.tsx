/**
 * A filter as chips, one for each part that must hold, and a panel that adds one or writes the whole in the language of
 * filters. What the server finds wrong with it is said in the panel, before anything is asked.
 */
import { useEffect, useRef, useState, type FormEvent } from "react";
import { get, Problem } from "../api/client";
import { useProject } from "../state/project";
import { Button, Choice } from "./button";
import { comparison, joinedFilter, OPERATOR_WORDS, OPERATORS, partsOfFilter, type Operator } from "./filters";
import "./filter_field.css";
import { Popover } from "./popover";
import { Suggested, useValues, useVocabulary } from "./vocabulary";

interface FilterFieldProps {
  /** What is filtered, to readers: "step 2". */
  of: string;
  /** The filter's text; empty for none. */
  value: string;
  onChange(value: string): void;
  toLeft?: boolean;
}

export function FilterField({ of, value, onChange, toLeft = false }: FilterFieldProps) {
  const parts = partsOfFilter(value);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange; // a filter is checked first, and the page may have gone on by then
  });
  const without = (index: number): string => joinedFilter(parts.filter((_, at) => at !== index));
  return (
    <span className="filter">
      {parts.map((part, index) => (
        <span key={part} className="filter-chip">
          <span className="filter-text" title={part}>
            {part}
          </span>
          <button type="button" aria-label={`Remove ${part} from ${of}`} onClick={() => onChange(without(index))}>
            ✕
          </button>
        </span>
      ))}
      <Popover
        label={`Filter ${of}`}
        className="link filter-add"
        toLeft={toLeft}
        button={
          <>
            + filter<span className="sr"> of {of}</span>
          </>
        }
      >
        {(close) => <Panel value={value} parts={parts} close={close} onChange={(filter) => latest.current(filter)} />}
      </Popover>
    </span>
  );
}

interface PanelProps {
  value: string;
  parts: readonly string[];
  close(): void;
  onChange(value: string): void;
}

function Panel({ value, parts, close, onChange }: PanelProps) {
  const { id } = useProject();
  const [asText, setAsText] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [checking, setChecking] = useState(false);
  const apply = async (filter: string): Promise<void> => {
    setChecking(true);
    const said = await faultOf(filter, id);
    setChecking(false);
    setFault(said);
    if (said !== null) return;
    close();
    onChange(filter);
  };
  return (
    <div className="filter-panel">
      {asText ? (
        <WholeText value={value} checking={checking} apply={apply} fault={fault} />
      ) : (
        <OnePart checking={checking} fault={fault} apply={(part) => apply(joinedFilter([...parts, part]))} />
      )}
      <button type="button" className="link small" onClick={() => setAsText(!asText)}>
        {asText ? "Choose instead" : "Write it instead"}
      </button>
    </div>
  );
}

interface FormProps {
  checking: boolean;
  fault: string | null;
  apply(text: string): Promise<void>;
}

function OnePart({ checking, fault, apply }: FormProps) {
  const properties = useVocabulary()?.properties ?? [];
  const [property, setProperty] = useState("");
  const [operator, setOperator] = useState<Operator>("=");
  const [value, setValue] = useState("");
  const values = useValues(property.trim());
  const type = properties.find((one) => one.name === property.trim())?.type ?? "whatever was sent";
  const alone = operator === "exists" || operator === "missing";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void apply(comparison(property.trim(), operator, value, type));
  };
  return (
    <form onSubmit={submit}>
      <Suggested aria-label="Property" placeholder="country, price, properties.plan …" required value={property} onChange={setProperty} options={properties.map((one) => ({ value: one.name, label: one.type }))} />
      <Choice<Operator> label="Comparison" value={operator} onChange={setOperator} options={OPERATORS.map((one) => ({ value: one, label: OPERATOR_WORDS[one] }))} />
      {!alone && <Suggested aria-label="Value" placeholder="value" required value={value} onChange={setValue} options={values.map((one) => ({ value: one }))} />}
      <Said fault={fault} />
      <Button type="submit" look="primary" disabled={checking}>
        Add
      </Button>
    </form>
  );
}

function WholeText({ value, checking, fault, apply }: FormProps & { value: string }) {
  const [text, setText] = useState(value);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void apply(text.trim());
  };
  return (
    <form onSubmit={submit}>
      <textarea className="field mono" aria-label="Filter" aria-invalid={fault !== null} rows={4} spellCheck={false} placeholder={'country = "DE" and price >= 10'} value={text} onChange={(event) => setText(event.target.value)} />
      <Said fault={fault} />
      <Button type="submit" look="primary" disabled={checking}>
        Apply
      </Button>
    </form>
  );
}

function Said({ fault }: { fault: string | null }) {
  return (
    <p role="alert" className="small worse">
      {fault}
    </p>
  );
}

/** What the server says is wrong with a filter; null when nothing is. It is asked of one minute, which is cheap. */
async function faultOf(filter: string, project: string): Promise<string | null> {
  if (!filter) return null;
  const now = Date.now();
  const [from, before] = [now - 60_000, now].map((time) => new Date(time).toISOString());
  try {
    await get("/v1/trends", { where: filter, unit: "minute", from, before, project });
    return null;
  } catch (error) {
    return error instanceof Problem && error.status === 400 ? error.message.replace(/^where: /, "") : null; // the page says the rest
  }
}
