/** Another kind for an event's name, to be tried with the other rules. */
import { useState, type FormEvent } from "react";
import type { Schema } from "../../api/client";
import { Button, Choice } from "../../parts/button";
import { useView } from "../../state/view";
import { KINDS, type Kind, pairs } from "./ruling";

const OPTIONS = KINDS.map((kind) => ({ value: kind, label: kind === "other" ? "none: it counts as activity" : kind === "passive" ? "passive: it does not count" : kind }));

export function Kinds({ rules }: { rules: Schema<"RulesInForce"> }) {
  const view = useView();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("cart");
  const tried = pairs(view.all("kind"));
  if (rules.fixed.includes("kinds")) return <p className="small soft">Kinds of event names stand in footfall.toml, and change there.</p>;
  const put = (changed: Record<string, string>): void => view.set({ kind: Object.entries(changed).map((pair) => pair.join("=")) });
  const add = (event: FormEvent): void => {
    event.preventDefault();
    put({ ...tried, [name.trim()]: kind });
    setName("");
  };
  const without = (gone: string): void => put(Object.fromEntries(Object.entries(tried).filter(([one]) => one !== gone)));
  return (
    <form className="settings-row" aria-label="Another kind for an event" onSubmit={add}>
      <span>An event named</span>
      <input className="field" aria-label="Event" list="settings-names" required maxLength={200} pattern=".*\S.*" value={name} onChange={(event) => setName(event.target.value)} />
      <datalist id="settings-names">
        {Object.keys(rules.kinds).map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <span>is of the kind</span>
      <Choice label="Kind" value={kind} options={OPTIONS} onChange={(one: Kind) => setKind(one)} />
      <Button type="submit">Try on the past</Button>
      {Object.entries(tried).map(([one, its]) => (
        <Button key={one} look="quiet" aria-label={`Leave ${one} as it is`} onClick={() => without(one)}>
          <code>{one}</code> {rules.kinds[one] ?? "other"} → {its} ✕
        </Button>
      ))}
    </form>
  );
}
