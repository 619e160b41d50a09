/** A column's head: the step's name, events and filter; its panel changes, moves and removes it. Alt and an arrow move it, too. */
import { useState, type DragEvent, type FormEvent, type KeyboardEvent } from "react";
import { Button } from "../../parts/button";
import { FilterField } from "../../parts/filter_field";
import { Popover } from "../../parts/popover";
import { Suggested, useSteps } from "../../parts/vocabulary";
import { partsOf, stepOf, titleOf } from "../../state/steps";

interface StepHeadProps {
  step: string;
  number: number;
  steps: readonly string[];
  setSteps(steps: readonly string[]): void;
}

/** `steps` with the one at `from` standing at `to`. */
export function moved(steps: readonly string[], from: number, to: number): readonly string[] {
  const step = steps[from];
  if (step === undefined || to < 0 || to >= steps.length || from === to) return steps;
  return steps.filter((_, at) => at !== from).toSpliced(to, 0, step);
}

const DRAGGED = "text/x-footfall-step";

export function StepHead({ step, number, steps, setSteps }: StepHeadProps) {
  const at = number - 1;
  const { event, filter } = partsOf(step);
  const become = (changed: string): void => setSteps(steps.map((one, index) => (index === at ? changed : one)));
  const move = (to: number): void => {
    const next = moved(steps, at, to);
    if (next === steps) return;
    setSteps(next);
    requestAnimationFrame(() => document.querySelectorAll<HTMLElement>(".funnel-name")[to]?.focus()); // it follows its step
  };
  const onKeyDown = (pressed: KeyboardEvent): void => {
    const by = pressed.altKey ? (pressed.key === "ArrowRight" ? 1 : pressed.key === "ArrowLeft" ? -1 : 0) : 0;
    if (by === 0) return;
    pressed.preventDefault();
    move(at + by);
  };
  const onDrop = (dropped: DragEvent): void => {
    const from = dropped.dataTransfer.getData(DRAGGED);
    if (from === "") return;
    dropped.preventDefault();
    setSteps(moved(steps, Number(from), at));
  };
  const toLeft = number > 2 && number >= steps.length - 1;
  return (
    <div className="funnel-head" draggable onDragStart={(begun) => begun.dataTransfer.setData(DRAGGED, String(at))} onDragOver={(over) => over.dataTransfer.types.includes(DRAGGED) && over.preventDefault()} onDrop={onDrop}>
      <Popover
        label={`Change step ${number}`}
        className="funnel-name"
        toLeft={toLeft}
        onKeyDown={onKeyDown}
        button={
          <>
            <span className="sr">Step </span>
            <span className="funnel-number">{number}</span>{" "}
            <span className="funnel-title">{titleOf(step)}</span>
          </>
        }
      >
        {(close) => (
          <>
            <EventForm value={event} submit={(chosen) => { close(); become(stepOf({ event: chosen, filter })); }} action="Change" />
            <p className="funnel-moves">
              <Button look="quiet" disabled={at === 0} onClick={() => move(at - 1)}>
                ← Earlier
              </Button>
              <Button look="quiet" disabled={number === steps.length} onClick={() => move(at + 1)}>
                Later →
              </Button>
              <Button look="dangerous" disabled={steps.length === 1} onClick={() => { close(); setSteps(steps.filter((_, index) => index !== at)); }}>
                Remove step
              </Button>
            </p>
          </>
        )}
      </Popover>
      <code className="funnel-event" title={event}>
        {event}
      </code>
      <FilterField of={`step ${number}`} value={filter} toLeft={toLeft} onChange={(changed) => become(stepOf({ event, filter: changed }))} />
    </div>
  );
}

export function AddStep({ add }: { add(step: string): void }) {
  return (
    <Popover label="Add a step" button="Add a step" className="button" toLeft>
      {(close) => <EventForm value="" action="Add" submit={(step) => { close(); add(step); }} />}
    </Popover>
  );
}

function EventForm({ value, action, submit }: { value: string; action: string; submit(step: string): void }) {
  const [event, setEvent] = useState(value);
  const onSubmit = (submitted: FormEvent): void => {
    submitted.preventDefault();
    if (event.trim()) submit(event.trim());
  };
  return (
    <form className="funnel-event-form" onSubmit={onSubmit}>
      <Suggested aria-label="Events of the step" placeholder="purchase, kind:view, * …" required value={event} onChange={setEvent} options={useSteps()} />
      <Button type="submit" look="primary">
        {action}
      </Button>
    </form>
  );
}
