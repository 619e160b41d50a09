/** The most seen pages and the small funnel of the last hour; both open to their sessions. */
import { Link } from "wouter";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { coordinates, type DrillDown } from "../../parts/people_drawer";
import { BarRow } from "../../parts/words";
import { exact, percent } from "../../words/numbers";
import type { BreakdownOf, Hour } from "./hour";

type Open = (of: DrillDown, title: string) => void;
const RENEW_MS = 30_000;

export function TopPages({ hour, open }: { hour: Hour; open: Open }) {
  const asked = { ...hour, by: "session", top: 8 };
  const pages = useAnswer<BreakdownOf<Schema<"PageRow">>>("/v1/breakdown/pages", asked, { every: RENEW_MS });
  return (
    <>
      <header className="cell-head">
        <h2>Top pages</h2>
        <p>sessions that saw them, last hour</p>
      </header>
      <Answer of={pages} reads="the pages of the last hour" height={224} isEmpty={(found) => found.rows.length === 0} empty={<Nothing>Nobody has seen a page in the last hour.</Nothing>}>
        {(found) => (
          <ul>
            {found.rows.map((row) => {
              const name = row.value ?? "page unknown";
              const drill = (): void =>
                open({ path: found.people.path, params: { ...asked, ...coordinates(found.people, { ...row }), figure: "sessions" }, shown: row.sessions, noun: "sessions" }, `Saw ${name}, last hour`);
              return (
                <BarRow
                  key={name}
                  share={row.sessions / Math.max(1, found.rows[0]?.sessions ?? 1)}
                  label={
                    <button type="button" className="link" data-figure={row.sessions} onClick={drill}>
                      {name}
                    </button>
                  }
                  value={exact(row.sessions)}
                />
              );
            })}
          </ul>
        )}
      </Answer>
    </>
  );
}

const STEPS = ["*", "kind:view", "kind:cart", "kind:purchase"] as const;
const NAMES = ["Came in", "Saw a product", "Filled a cart", "Ordered"] as const;

export function SmallFunnel({ hour, open }: { hour: Hour; open: Open }) {
  const asked = { ...hour, by: "session", step: STEPS };
  const funnel = useAnswer<Schema<"Funnel">>("/v1/funnel", asked, { every: RENEW_MS });
  const link = `/funnels?by=session&${STEPS.map((step) => `step=${encodeURIComponent(step)}`).join("&")}`;
  const steps = funnel.data?.rows[0]?.steps ?? [];
  const [came, ordered] = [steps[0]?.people ?? 0, steps.at(-1)?.people ?? 0];
  return (
    <>
      <header className="cell-head">
        <h2>{!funnel.data ? "How many order" : came >= 30 ? `${Math.round((100 * ordered) / came)} in 100 order` : `${exact(ordered)} of ${exact(came)} ordered`}</h2>
        <p>sessions, last hour</p>
        <span className="cell-action">
          <Link href={link}>Open funnel</Link>
        </span>
      </header>
      <Answer of={funnel} reads="who ordered in the last hour" height={130}>
        {(found) => (
          <ol className="live-funnel">
            {steps.map((step, at) => (
              <li key={step.number}>
                <button
                  type="button"
                  className="link"
                  data-figure={step.people}
                  onClick={() => open({ path: found.people.path, params: { ...asked, at: step.number }, shown: step.people, noun: "sessions" }, `${NAMES[at]}, last hour`)}
                >
                  {NAMES[at]}
                </button>
                <svg height="11" width="100%" viewBox="0 0 100 11" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={came ? Math.max(0.8, (100 * step.people) / came) : 0} height="11" fill="var(--ink)" />
                </svg>
                <span className="right">{exact(step.people)}</span>
                <span className="right small soft">{at > 0 && (steps[at - 1]?.people ?? 0) >= 30 ? percent(step.of_before) : ""}</span>
              </li>
            ))}
          </ol>
        )}
      </Answer>
    </>
  );
}
