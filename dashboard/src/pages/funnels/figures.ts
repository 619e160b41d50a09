/** What a funnel's answer says: its bars part by part, and the sentences that its figures support. */
import type { Schema } from "../../api/client";
import { CLASSES } from "../../parts/classes";
import { exact, percent, plural } from "../../words/numbers";
import { saidOf } from "../../state/steps";

type Answer = Schema<"Funnel">;
export type Part = Schema<"FunnelPart">;

/** One part of a step's bar. */
export interface Piece {
  part: Part;
  /** Unique among the parts. */
  key: string;
  people: number;
  dropped: number;
}

export interface Bar {
  number: number;
  step: string;
  people: number;
  /** Who took the step before and not this one; null at the first. */
  dropped: number | null;
  pieces: Piece[];
}

export const keyOf = (part: { value: string | null; other: boolean }): string => (part.other ? "*" : part.value === null ? "?" : `=${part.value}`);

/** The parts from the lowest in a bar: classes by their step, others by size. */
export function stacked(parts: readonly Part[], byClass: boolean): Part[] {
  const level = (part: Part): number => {
    const found = (CLASSES as readonly string[]).indexOf(part.value ?? "");
    return found < 0 ? CLASSES.length : found;
  };
  return byClass ? [...parts].sort((left, right) => level(left) - level(right)) : [...parts];
}

/** The bars; their numbers are the sums of their parts, as everybody's way through the funnel is of one part. */
export function barsOf(answer: Answer, steps: readonly string[], byClass: boolean): Bar[] {
  const parts = stacked(answer.rows, byClass);
  return steps.map((step, index) => {
    const pieces = parts.map((part) => ({ part, key: keyOf(part), people: part.steps[index]?.people ?? 0, dropped: part.steps[index]?.dropped ?? 0 }));
    const sum = (figure: "people" | "dropped"): number => pieces.reduce((all, piece) => all + piece[figure], 0);
    return { number: index + 1, step, people: sum("people"), dropped: index === 0 ? null : sum("dropped"), pieces };
  });
}

/** The bars before anything is known of them: their steps stand, and can be changed. */
export const unknown = (steps: readonly string[]): Bar[] => steps.map((step, index) => ({ number: index + 1, step, people: 0, dropped: null, pieces: [] }));

const WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `six in ten`, near the ends `97 in a hundred`; of under thirty cases the counts. */
export function proportion(part: number, whole: number): string {
  const share = (100 * part) / whole;
  if (whole < 30 || share < 1 || (share > 99 && part !== whole)) return `${exact(part)} of ${exact(whole)}`;
  if (part === whole) return "all";
  if (share < 9.5 || share > 90.5) return `${Math.round(share)} in a hundred`;
  return `${WORDS[Math.round(share / 10)] ?? ""} in ten`;
}

/** The bar of the step before which most were lost. */
export const hardest = (bars: readonly Bar[]): Bar | undefined => lost(bars)?.bar;

function lost(bars: readonly Bar[]): { bar: Bar; before: number } | undefined {
  return bars
    .slice(1)
    .map((bar) => ({ bar, before: bars[bar.number - 2]?.people ?? 0 }))
    .filter(({ before }) => before > 0)
    .sort((left, right) => left.bar.people / left.before - right.bar.people / right.before)[0];
}

/** The step at which most were lost, as a sentence. */
export function finding(bars: readonly Bar[]): string {
  const first = bars[0];
  if (!first || first.people === 0) return "Nobody took the first step in this range.";
  const worst = lost(bars);
  if (!worst) return `${plural(first.people, "person", "people")} ${saidOf(first.step)}.`;
  const [did, not] = [saidOf(bars[worst.bar.number - 2]?.step ?? ""), saidOf(worst.bar.step)];
  if (worst.bar.people === worst.before) return `Everybody who ${did} ${not}, too.`;
  return `${capital(proportion(worst.bar.dropped ?? 0, worst.before))} who ${did} never ${not}.`;
}

/** How many of all who began took every step. */
export function outcome(bars: readonly Bar[], noun: string): string {
  const [first, last] = [bars[0], bars.at(-1)];
  if (!first || !last || bars.length < 2 || first.people === 0) return "";
  const share = first.people < 30 ? "" : `, ${percent((100 * last.people) / first.people)} of everyone`;
  return `Of ${exact(first.people)} ${noun} who began, ${exact(last.people)} took ${bars.length === 2 ? "both" : `all ${WORDS[bars.length] ?? bars.length}`} steps${share}.`;
}
