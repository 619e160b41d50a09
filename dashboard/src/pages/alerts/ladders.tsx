/** For each rule, how many people other thresholds would have hit in the stored past. */
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { ruleName } from "../../parts/alert_words";
import { Answer, Nothing } from "../../parts/answer";
import { Cell } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { useProject } from "../../state/project";
import { exact, percent } from "../../words/numbers";

type Rung = Schema<"RungItem">;

export function Ladders() {
  const { id: project } = useProject();
  const found = useAnswer<Schema<"Ladders">>("/v1/fraud/thresholds", { project });
  return (
    <Cell span={12} first last title="What other thresholds would have hit" subtitle={found.data ? `of ${exact(found.data.people)} people, last 30 days` : "last 30 days"}>
      <Answer of={found} reads="thirty days of events against other thresholds" height={280} isEmpty={(all) => all.people === 0} empty={<Nothing>No events that rules look at in the last 30 days.</Nothing>}>
        {(all) => (
          <div className="alerts-ladders">
            {all.rules.map((ladder) => (
              <section key={ladder.rule} aria-label={ruleName(ladder.rule)}>
                <h3>{ruleName(ladder.rule)}</h3>
                <p>
                  {ladder.condition}; set with <code>{ladder.setting}</code>
                </p>
                <Table caption={`${ruleName(ladder.rule)}: people whom a threshold would have hit`} columns={COLUMNS} rows={ladder.rungs} rowKey={(rung) => String(rung.threshold)} dense />
              </section>
            ))}
          </div>
        )}
      </Answer>
    </Cell>
  );
}

const COLUMNS: readonly Column<Rung>[] = [
  { key: "threshold", head: "Threshold", cell: (rung) => <>{exact(rung.threshold)}{rung.present ? " (set)" : ""}</>, plain: (rung) => rung.threshold },
  { key: "people", head: "People", cell: (rung) => exact(rung.people), plain: (rung) => rung.people, figure: true },
  { key: "share", head: "Share", cell: (rung) => percent(rung.share), plain: (rung) => rung.share, figure: true },
];
