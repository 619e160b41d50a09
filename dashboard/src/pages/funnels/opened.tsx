/** The people behind a bar, a part of one, or a point of the trend, and the way to the next bar. */
import type { Schema } from "../../api/client";
import { className } from "../../parts/classes";
import { PeopleDrawer } from "../../parts/people_drawer";
import { saidOf } from "../../state/steps";
import type { Bar } from "./figures";
import { coordinatesOf, type Opened as Which, type Question } from "./question";
import { LENGTHS } from "./sentence";

interface OpenedProps {
  opened: Which;
  bars: readonly Bar[];
  trend: readonly Schema<"FunnelPeriod">[];
  question: Question;
  open(opened: Which): void;
  close(): void;
}

export function Opened({ opened, bars, trend, question, open, close }: OpenedProps) {
  const bar = bars[opened.at - 1];
  if (!bar) return null;
  const next = following(opened, bars);
  const { split, ...whole } = question.params;
  const ofPeriod = opened.period === null ? {} : { unit: question.unit };
  const params = { ...whole, ...ofPeriod, split: opened.part === null ? undefined : split }; // without a split it is told quickest
  const classes = split === "class" && opened.part === null && opened.period === null && bar.pieces.length > 1 ? bar.pieces : [];
  return (
    <PeopleDrawer
      key={JSON.stringify(opened)}
      of={{
        path: "/v1/funnel/people",
        params: { ...params, ...coordinatesOf(opened) },
        shown: shownOf(opened, bar, trend),
        noun: question.by === "session" ? "sessions" : "people",
        classes: classes.map((piece) => ({ name: piece.part.value ?? "unknown", count: opened.dropped ? piece.dropped : piece.people })),
      }}
      title={titleOf(opened, bar)}
      words={wordsOf(opened, bars, question)}
      close={close}
      next={next && (() => open(next))}
    />
  );
}

function shownOf(opened: Which, bar: Bar, trend: readonly Schema<"FunnelPeriod">[]): number {
  if (opened.period !== null) return trend.find((period) => period.begin === opened.period)?.converted ?? 0;
  const piece = bar.pieces.find((one) => one.key === opened.part);
  const of = opened.part === null ? bar : piece;
  return (opened.dropped ? of?.dropped : of?.people) ?? 0;
}

function titleOf(opened: Which, bar: Bar): string {
  const part = opened.part?.startsWith("=") ? `, ${className(opened.part.slice(1))}` : opened.part === "?" ? ", unknown" : opened.part === "*" ? ", other" : "";
  const period = opened.period === null ? "" : `, begun ${opened.period.slice(0, 10)}`;
  return `Step ${bar.number}, ${opened.dropped ? "left before it" : saidOf(bar.step)}${part}${period}`;
}

function wordsOf(opened: Which, bars: readonly Bar[], question: Question): string {
  const [before, here] = [bars[opened.at - 2], bars[opened.at - 1]];
  if (!opened.dropped || !before || !here) return "";
  return `They ${saidOf(before.step)} and never ${saidOf(here.step)} within ${LENGTHS[question.within] ?? question.within}.`;
}

/** Left to right: who left before a step, then who took it; within one part, the same part. */
function following(opened: Which, bars: readonly Bar[]): Which | undefined {
  const all = bars.flatMap((bar): Which[] => [
    ...(bar.number > 1 ? [{ at: bar.number, dropped: true, part: opened.part, period: null }] : []),
    { at: bar.number, dropped: false, part: opened.part, period: null },
  ]);
  const there = (which: Which): boolean => {
    const bar = bars[which.at - 1];
    return bar !== undefined && shownOf(which, bar, []) > 0;
  };
  const here = all.findIndex((one) => one.at === opened.at && one.dropped === opened.dropped);
  return all.slice(here + 1).find(there) ?? all.find(there);
}
