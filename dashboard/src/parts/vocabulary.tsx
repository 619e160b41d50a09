/** Names of events and properties to choose from, as the stored events have them; any other may be typed, too. */
import { useId, type InputHTMLAttributes } from "react";
import type { Schema } from "../api/client";
import { useAnswer } from "../api/queries";
import { named } from "../state/steps";
import { useProject } from "../state/project";

/** Undefined until it has been read: nothing waits for it. */
export function useVocabulary(): Schema<"Vocabulary"> | undefined {
  const { id } = useProject();
  return useAnswer<Schema<"Vocabulary">>("/v1/vocabulary", { project: id }).data;
}

/** The values of a property, the most frequent first. */
export function useValues(property: string): readonly string[] {
  const { id } = useProject();
  const known = useVocabulary()?.properties.some((one) => one.name === property) ?? false;
  const found = useAnswer<Schema<"PropertyValues">>("/v1/vocabulary/values", { property, project: id }, { enabled: known });
  return known ? (found.data?.values.map((one) => one.value) ?? []) : [];
}

interface SuggestedProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "list" | "onChange"> {
  value: string;
  onChange(value: string): void;
  options: readonly { value: string; label?: string }[];
}

/** A field with the browser's own list of suggestions. */
export function Suggested({ options, value, onChange, ...rest }: SuggestedProps) {
  const id = useId();
  return (
    <>
      <input className="field" list={id} value={value} autoComplete="off" spellCheck={false} onChange={(event) => onChange(event.target.value)} {...rest} />
      <datalist id={id}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </datalist>
    </>
  );
}

/** Which events a step is about: kinds first, then names. */
export function useSteps(): { value: string; label?: string }[] {
  const events = useVocabulary()?.events ?? [];
  const kinds = [...new Set(events.filter((one) => one.kind !== "passive" && one.kind !== "other").map((one) => `kind:${one.kind}`))];
  const names = events.filter((one) => one.kind !== "passive").map((one) => ({ value: named(one.name), label: `${one.events.toLocaleString()} events` }));
  return [...kinds.map((value) => ({ value })), ...names, { value: "*", label: "everything that counts" }];
}
