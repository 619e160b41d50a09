/** An event in a sentence, as the API takes a step: typed, with the usual ones suggested; asked when it is whole. `*` reads as "anything". */
import { useEffect, useId, useState } from "react";

interface StepFieldProps {
  /** What the event does in the sentence, to readers. */
  label: string;
  value: string;
  suggested: readonly string[];
  /** Shown while it is empty. */
  placeholder?: string;
  onChange(value: string): void;
}

const ANYTHING = "anything";
export const USUAL_STEPS = ["*", "kind:page", "kind:view", "kind:cart", "kind:purchase"];

const shown = (step: string): string => (step === "*" ? ANYTHING : step);

export function StepField({ label, value, suggested, placeholder, onChange }: StepFieldProps) {
  const list = useId();
  const [text, setText] = useState(shown(value));
  useEffect(() => setText(shown(value)), [value]);
  const done = (): void => {
    const step = text.trim() === ANYTHING ? "*" : text.trim();
    if (step !== value) onChange(step);
  };
  return (
    <>
      <input
        className="field mono"
        aria-label={label}
        list={list}
        size={Math.max(12, Math.min(36, text.length + 2))}
        value={text}
        placeholder={placeholder}
        onChange={(event) => setText(event.target.value)}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === "Enter") done();
        }}
      />
      <datalist id={list}>
        {suggested.map((step) => (
          <option key={step} value={shown(step)} />
        ))}
      </datalist>
    </>
  );
}
