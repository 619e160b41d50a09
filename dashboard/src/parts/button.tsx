import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Key } from "./words";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary` at most once in a view. */
  look?: "primary" | "outlined" | "quiet" | "dangerous";
  /** The key that does the same, shown beside it. */
  shortcut?: string;
  children: ReactNode;
}

export function Button({ look = "outlined", shortcut, children, className = "", ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button ${look} ${className}`} {...rest}>
      {children}
      {shortcut && <Key>{shortcut}</Key>}
    </button>
  );
}

interface ChoiceProps<Value extends string> {
  /** What is chosen, for who can't see where it stands. */
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange(value: Value): void;
}

/** A word in a sentence that can be another one: the system's own list, so keyboard, touch and readers know it. */
export function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  return (
    <span className="choice">
      <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value as Value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </span>
  );
}
