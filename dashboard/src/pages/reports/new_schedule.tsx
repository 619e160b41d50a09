/** A new scheduled report, of a dashboard or a saved question. */
import { useState } from "react";
import { send, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Choice } from "../../parts/button";
import { useProject } from "../../state/project";
import { useDoing } from "../settings/doing";
import { MakeDialog, Receivers } from "./made";
import { addresses, type Schedule } from "./words";

type Every = Schedule["every"];
type Weekday = Schedule["weekday"];
const EVERY: readonly { value: Every; label: string }[] = [
  { value: "day", label: "every day" },
  { value: "week", label: "every week" },
  { value: "month", label: "every month" },
];
const WEEKDAYS: readonly { value: Weekday; label: string }[] = (["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const).map((day) => ({
  value: day,
  label: `on ${day.charAt(0).toUpperCase()}${day.slice(1)}`,
}));
const numbers = (from: number, to: number, words: (one: number) => string) => Array.from({ length: to - from + 1 }, (_, at) => ({ value: String(from + at), label: words(from + at) }));
const HOURS = numbers(0, 23, (hour) => `at ${hour}:00`);
const DAYS = numbers(1, 31, (day) => `on day ${day}`);

export function NewSchedule({ close }: { close: () => void }) {
  const { id: project, zone } = useProject();
  const boards = useAnswer<Schema<"DashboardList">>("/v1/dashboards", { project });
  const questions = useAnswer<Schema<"QuestionList">>("/v1/questions", { project });
  const all = [
    ...(boards.data?.items ?? []).map((one) => ({ value: `dashboard ${one.id}`, label: one.name })),
    ...(questions.data?.items ?? []).map((one) => ({ value: `question ${one.id}`, label: `${one.name} (question)` })),
  ];
  const [name, setName] = useState("");
  const [chosen, choose] = useState("");
  const [every, setEvery] = useState<Every>("week");
  const [weekday, setWeekday] = useState<Weekday>("monday");
  const [day, setDay] = useState("1");
  const [hour, setHour] = useState("8");
  const [emails, setEmails] = useState("");
  const [webhook, setWebhook] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const doing = useDoing();
  const value = chosen || (all[0]?.value ?? "");
  const make = async (): Promise<void> => {
    const [what, definition] = value.split(" ");
    const body = { name, what, definition, every, weekday, day: Number(day), hour: Number(hour), emails: addresses(emails), webhook: webhook || null };
    const made = await send<Schema<"MadeSchedule">>("POST", "/v1/schedules", { params: { project }, body });
    await queries.invalidateQueries({ queryKey: ["/v1/schedules"] });
    if (made.secret) setSecret(made.secret);
    else close();
  };
  if (boards.data && questions.data && all.length === 0)
    return (
      <MakeDialog label="New report" doing={doing} secret={null} make={() => Promise.resolve(close())} close={close}>
        <p>Nothing is saved yet. Make a dashboard, or save a question from its page; then it can be sent.</p>
      </MakeDialog>
    );
  return (
    <MakeDialog label="New report" doing={doing} secret={secret} make={make} close={close}>
      <label>
        Name <input className="field" required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <p className="reports-row">
        Send <Choice label="What is sent" value={value} options={all} onChange={choose} />
        <Choice label="How often" value={every} options={EVERY} onChange={(one: Every) => setEvery(one)} />
        {every === "week" && <Choice label="Weekday" value={weekday} options={WEEKDAYS} onChange={(one: Weekday) => setWeekday(one)} />}
        {every === "month" && <Choice label="Day of the month" value={day} options={DAYS} onChange={setDay} />}
        <Choice label="Hour" value={hour} options={HOURS} onChange={setHour} />
      </p>
      <p className="small soft">In {zone}. It tells of the day, the seven days or the month before.</p>
      <Receivers emails={emails} webhook={webhook} onEmails={setEmails} onWebhook={setWebhook} />
    </MakeDialog>
  );
}
