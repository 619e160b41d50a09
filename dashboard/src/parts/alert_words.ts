/** Fraud rules and alerts as people say them. */
import { exact } from "../words/numbers";

const RULES: Readonly<Record<string, string>> = {
  HIGH_VELOCITY: "High velocity",
  MULTIPLE_IP: "Multiple addresses",
  RAPID_LOCATION_CHANGE: "Rapid location change",
  HIGH_VALUE_PURCHASE: "High-value purchase",
};

export const ruleName = (rule: string): string => RULES[rule] ?? rule;

/** `fired once`, `fired 3 times`. */
export const timesInWords = (count: number): string => (count === 1 ? "fired once" : `fired ${exact(count)} times`);
