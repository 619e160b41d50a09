/** Who is how risky: a score that is the sum of its parts, one for each rule. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { ruleName } from "../../parts/alert_words";
import { Answer, Nothing } from "../../parts/answer";
import { Cell } from "../../parts/sheet";
import { Defined } from "../../parts/words";
import { useProject } from "../../state/project";
import { exact } from "../../words/numbers";
import { ago } from "../../words/times";
import { subjectInWords } from "./subject";

const SHOWN = 8;
const MEANS = "0 to 100: points for the alerts of the last 30 days, rule by rule, each with a greatest sum";

export function Risk({ choose }: { choose: (subject: string) => void }) {
  const { id: project } = useProject();
  const found = useAnswer<Schema<"RiskPage">>("/v1/risk", { project, limit: SHOWN });
  return (
    <Cell span={4} last title="Who is risky" subtitle={<Defined means={MEANS}>score, last 30 days</Defined>} label="Who is risky">
      <Answer of={found} reads="the risk scores" height={240} isEmpty={(page) => page.items.length === 0} empty={<Nothing>Nobody has an alert in the last 30 days.</Nothing>}>
        {(page) => (
          <ol className="alerts-risk">
            {page.items.map((one) => (
              <li key={one.subject}>
                <span className="alerts-score">{exact(one.score)}</span>
                <button type="button" className="link clip" title={one.subject} onClick={() => choose(one.subject)}>
                  {subjectInWords(one.subject)}
                </button>
                <span className="small soft">{ago(one.last)}</span>
                <span />
                <span className="alerts-parts">
                  {one.parts.map((part) => (
                    <span key={part.rule}>
                      {ruleName(part.rule)} {exact(part.points)}
                    </span>
                  ))}
                </span>
              </li>
            ))}
          </ol>
        )}
      </Answer>
    </Cell>
  );
}
