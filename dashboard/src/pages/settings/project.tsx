/** A project's name, time zone and first weekday. */
import { useState } from "react";
import { send, type Schema } from "../../api/client";
import { queries } from "../../api/queries";
import { Button, Choice } from "../../parts/button";
import { useProject } from "../../state/project";
import { useDoing, Wrong } from "./doing";

type Item = Schema<"ProjectItem">;
type Weekday = Item["week_starts"];
const DAYS: readonly Weekday[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export function ProjectForm() {
  const project = useProject();
  const now = project.projects.find((one) => one.id === project.id);
  const [name, setName] = useState(project.name);
  const [zone, setZone] = useState(project.zone);
  const [starts, setStarts] = useState<Weekday>(now?.week_starts ?? "monday");
  const doing = useDoing();
  const save = async (): Promise<void> => {
    await send<Item>("PATCH", `/v1/projects/${encodeURIComponent(project.id)}`, { body: { name, zone, week_starts: starts } });
    await queries.invalidateQueries();
    doing.tell("Saved. Every question asked from now on has these days.");
  };
  return (
    <form
      className="settings-form"
      onSubmit={(event) => {
        event.preventDefault();
        doing.run(save);
      }}
    >
      <label htmlFor="settings-name">Name</label>
      <input id="settings-name" className="field" required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      <label htmlFor="settings-zone">Time zone of its days</label>
      <input id="settings-zone" className="field" list="settings-zones" required value={zone} onChange={(event) => setZone(event.target.value)} />
      <datalist id="settings-zones">
        {Intl.supportedValuesOf("timeZone").map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <span>Weeks begin on</span>
      <Choice label="Weeks begin on" value={starts} options={DAYS.map((day) => ({ value: day, label: day[0]?.toUpperCase() + day.slice(1) }))} onChange={(one: Weekday) => setStarts(one)} />
      <Button look="primary" type="submit" disabled={doing.busy}>
        Save
      </Button>
      <Wrong of={doing} />
    </form>
  );
}
