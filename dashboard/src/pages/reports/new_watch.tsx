/** A new watch, of a saved question. */
import { useState } from "react";
import { send, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Choice } from "../../parts/button";
import { useProject } from "../../state/project";
import { useDoing } from "../settings/doing";
import { MakeDialog, Receivers } from "./made";
import { addresses, type Watch } from "./words";

type Rule = Watch["rule"];
type Bucket = "" | NonNullable<Watch["bucket"]>;
const RULES: readonly { value: Rule; label: string }[] = [
  { value: "below", label: "is below" },
  { value: "above", label: "is above" },
  { value: "falls", label: "falls by percent" },
  { value: "rises", label: "rises by percent" },
  { value: "unusual", label: "is unusual" },
];
const BUCKETS: readonly { value: Bucket; label: string }[] = [
  { value: "", label: "the question's own" },
  { value: "minute", label: "a minute" },
  { value: "hour", label: "an hour" },
  { value: "day", label: "a day" },
  { value: "week", label: "a week" },
  { value: "month", label: "a month" },
];
const SESSIONS = ["sessions", "people", "bounces", "bounce_rate", "conversions", "conversion_rate", "purchases", "revenue"];
const FIGURES: Record<string, readonly string[]> = {
  pages: ["views", "people", "sessions", "entries", "exits", "conversions", "conversion_rate", "revenue"],
  products: ["views", "carts", "purchases", "revenue", "viewers", "buyers"],
  categories: ["views", "carts", "purchases", "revenue", "viewers", "buyers"],
};

export function NewWatch({ close }: { close: () => void }) {
  const { id: project } = useProject();
  const saved = useAnswer<Schema<"QuestionList">>("/v1/questions", { project });
  const fit = saved.data?.items.filter((one) => ["trends", "funnel", "breakdown"].includes(one.kind)) ?? [];
  const [name, setName] = useState("");
  const [chosen, choose] = useState("");
  const [figure, setFigure] = useState("");
  const [rule, setRule] = useState<Rule>("below");
  const [bound, setBound] = useState("");
  const [bucket, setBucket] = useState<Bucket>("");
  const [part, setPart] = useState("");
  const [emails, setEmails] = useState("");
  const [webhook, setWebhook] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const doing = useDoing();
  const question = fit.find((one) => one.id === chosen) ?? fit[0];
  const figures = question ? figuresOf(question) : [];
  const make = async (): Promise<void> => {
    const of = figures.includes(figure) ? figure : figures[0];
    const body = {
      name,
      question: question?.id,
      rule,
      bound: rule === "unusual" ? null : Number(bound),
      bucket: bucket || null,
      figure: of ?? null,
      part: part || null,
      emails: addresses(emails),
      webhook: webhook || null,
    };
    const made = await send<Schema<"MadeWatch">>("POST", "/v1/watches", { params: { project }, body });
    await queries.invalidateQueries({ queryKey: ["/v1/watches"] });
    if (made.secret) setSecret(made.secret);
    else close();
  };
  if (saved.data && !question)
    return (
      <MakeDialog label="New watch" doing={doing} secret={null} make={() => Promise.resolve(close())} close={close}>
        <p>No trend, funnel or breakdown is saved yet. Save one from its page; then its figure can be watched.</p>
      </MakeDialog>
    );
  return (
    <MakeDialog label="New watch" doing={doing} secret={secret} make={make} close={close}>
      <label>
        Name <input className="field" required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <p className="reports-row">
        Tell when <Choice label="Question" value={question?.id ?? ""} options={fit.map((one) => ({ value: one.id, label: one.name }))} onChange={choose} />
        {figures.length > 0 && <Choice label="Figure" value={figures.includes(figure) ? figure : (figures[0] ?? "")} options={figures.map((one) => ({ value: one, label: one.replaceAll("_", " ") }))} onChange={setFigure} />}
        <Choice label="Rule" value={rule} options={RULES} onChange={(one: Rule) => setRule(one)} />
        {rule !== "unusual" && <input className="field" type="number" step="any" required aria-label="Bound" value={bound} onChange={(event) => setBound(event.target.value)} />}
      </p>
      <p className="reports-row">
        in <Choice label="Bucket" value={bucket} options={BUCKETS} onChange={(one: Bucket) => setBucket(one)} />
        {(question?.kind === "breakdown" || question?.params["split"] !== undefined) && (
          <>
            of <input className="field" aria-label="Part" placeholder="all" maxLength={2000} value={part} onChange={(event) => setPart(event.target.value)} />
          </>
        )}
      </p>
      <Receivers emails={emails} webhook={webhook} onEmails={setEmails} onWebhook={setWebhook} />
    </MakeDialog>
  );
}

/** Figures that a question of this kind lets choose; a trend has its own. */
function figuresOf(question: Schema<"QuestionItem">): readonly string[] {
  if (question.kind === "funnel") return ["rate", "entered", "converted"];
  if (question.kind !== "breakdown") return [];
  return FIGURES[String(question.params["dimension"])] ?? SESSIONS;
}
