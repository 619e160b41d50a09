/** The class rules: each threshold in a sentence, tried on the past before it is used. What is tried stands in the address. */
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { send, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Answer } from "../../parts/answer";
import { Button, Choice } from "../../parts/button";
import { ClassChip } from "../../parts/class_chip";
import { useMay, useProject } from "../../state/project";
import { RANGES, useRange, type RangeName } from "../../state/range";
import { useView } from "../../state/view";
import { when } from "../../words/times";
import { useDoing, Wrong } from "./doing";
import { Kinds } from "./kinds";
import { Preview } from "./preview";
import { Rebuild } from "./rebuild";
import { changeOf, changes, figureWords, numberOf, pairs, wordsOf, type Change } from "./ruling";

type InForce = Schema<"RulesInForce">;

const SPANS = (["7d", "28d", "90d", "365d", "all"] as const).map((name) => ({ value: name as RangeName, label: RANGES[name].label.toLowerCase() }));

export function Rules() {
  const found = useAnswer<InForce>("/v1/classes/rules");
  return (
    <Answer of={found} reads="the class rules" height={320}>
      {(rules) => <Form key={rules.number} rules={rules} />}
    </Answer>
  );
}

function Form({ rules }: { rules: InForce }) {
  const view = useView();
  const project = useProject();
  const range = useRange();
  const mayUse = useMay("manage") && project.me.project === null;
  const [words, setWords] = useState<Readonly<Record<string, string>>>(pairs(view.all("at_least")));
  const tried = changeOf(view.all("at_least"), view.all("kind"), rules);
  const isTried = changes(tried) > 0;
  const body = { ...tried, from: range.asked.from ?? null, before: range.asked.before ?? null };
  const preview = useQuery({
    queryKey: ["/v1/classes/preview", project.id, rules.number, body],
    queryFn: () => send<Schema<"Preview">>("POST", "/v1/classes/preview", { params: { project: project.id }, body }),
    enabled: isTried,
  });
  const doing = useDoing();
  const back = (): void => {
    setWords({});
    view.set({ at_least: null, kind: null });
  };
  const attempt = (event: FormEvent): void => {
    event.preventDefault();
    view.set({ at_least: wordsOf(words, rules) });
  };
  const use = async (): Promise<void> => {
    await send<InForce>("PATCH", "/v1/classes/rules", { body: { number: rules.number, ...tried } });
    back();
    await queries.invalidateQueries();
  };
  const last = rules.history[0];
  const fixed = rules.fixed.includes("thresholds");
  return (
    <>
      <form className="settings-rules" aria-label="Class rules" onSubmit={attempt}>
        <ol>
          {rules.classes.map((rule) => (
            <li key={rule.name}>
              <ClassChip of={rule.name} />
              <p className="settings-rule">
                {rule.any_of.length === 0 && "everybody else"}
                {rule.any_of.map((group, at) => (
                  <span key={at} className="settings-group">
                    {at > 0 ? "or at least" : "at least"}
                    {group.map((clause, place) => (
                      <span key={clause.id} className="settings-clause">
                        {place > 0 && "and"}
                        <input
                          className={`field settings-number${words[clause.id] !== undefined && numberOf(words[clause.id]) !== clause.at_least ? " other" : ""}`}
                          type="number"
                          min={clause.figure === "session_duration_minutes" ? 0.01 : 1}
                          step={clause.figure === "session_duration_minutes" ? "any" : 1}
                          max={1_000_000_000}
                          required
                          disabled={fixed}
                          aria-label={`Least ${figureWords(clause.figure)} of ${rule.name.replaceAll("_", " ")}`}
                          value={words[clause.id] ?? String(clause.at_least)}
                          onChange={(event) => setWords({ ...words, [clause.id]: event.target.value })}
                        />
                        {figureWords(clause.figure)}
                      </span>
                    ))}
                  </span>
                ))}
              </p>
            </li>
          ))}
        </ol>
        <p className="small soft">The first that holds is a session&apos;s class. {fixed ? "These numbers stand in footfall.toml, and change there." : "They hold for all projects."}</p>
        <div className="settings-row">
          {!fixed && (
            <Button type="submit" disabled={wordsOf(words, rules).join() === view.all("at_least").join()}>
              Try on the past
            </Button>
          )}
          <span>Sessions of</span>
          <Choice label="Sessions of" value={range.name ?? "28d"} options={SPANS} onChange={(name: RangeName) => view.set({ range: name, from: null, to: null })} />
        </div>
      </form>
      <Kinds rules={rules} />
      {isTried && (
        <Preview of={preview} range={range.label}>
          <div className="settings-row">
            {mayUse && (
              <Button look="primary" disabled={doing.busy || !preview.data} onClick={() => doing.run(use)}>
                Use these
              </Button>
            )}
            <Button onClick={back}>Back</Button>
            <span className="small soft">{usage(mayUse, tried)}</span>
          </div>
        </Preview>
      )}
      <Wrong of={doing} />
      {last && <p className="small soft">Last changed {when(last.changed, project.zone)}.</p>}
      {rules.rebuild_due && !isTried && <Rebuild />}
    </>
  );
}

const usage = (mayUse: boolean, tried: Change): string => {
  if (!mayUse) return "Who manages all projects can use them.";
  const what = changes(tried) === 1 ? "It holds" : "They hold";
  return `${what} for all projects and for what comes at once; the past follows with a rebuild.`;
};
