/** What to do about a visitor of each class, as the rules in force say. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer } from "../../parts/answer";
import { ClassChip } from "../../parts/class_chip";

export function Advice() {
  const found = useAnswer<Schema<"RulesInForce">>("/v1/classes/rules");
  return (
    <Answer of={found} reads="the advice of each class" height={280}>
      {(rules) => (
        <ul className="classes-advice">
          {rules.classes.toReversed().map((rule) => (
            <li key={rule.name}>
              <ClassChip of={rule.name} tint />
              {rule.advice.length > 0 ? (
                <ul>
                  {rule.advice.map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                </ul>
              ) : (
                <p className="soft">No advice is written for this class.</p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Answer>
  );
}
