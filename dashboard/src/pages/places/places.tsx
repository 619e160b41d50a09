/** Where visits come from: a map of countries, and countries, regions and cities with their figures. */
import { BarRow } from "../../parts/words";
import { exact, share } from "../../words/numbers";
import { Breakdown, type BreakdownPage, type Drawn } from "../breakdown/breakdown";
import { isMost, SESSION_FIGURES, type SessionRow } from "../breakdown/sessions";
import { countryName } from "./countries";
import { WorldMap } from "./map";

const SHOWN = 8;

function headline({ found, name, dimension }: Drawn<SessionRow>): string {
  const first = found.rows.find((row) => row.value !== null);
  if (!first) return `No ${dimension.one} is known of these ${exact(found.total.sessions)} visits.`;
  const part = `${exact(first.sessions)} of ${exact(found.total.sessions)}`;
  return isMost(first.sessions, found.total.sessions) ? `Most visits come from ${name(first)}: ${part}.` : `More visits come from ${name(first)} than from anywhere else: ${part}.`;
}

/** Regions and cities have no outline: their greatest, as bars. */
function Greatest({ drawn }: { drawn: Drawn<SessionRow> }) {
  const rows = drawn.found.rows.slice(0, SHOWN);
  const most = Math.max(1, ...rows.map((row) => row.sessions));
  return (
    <ul>
      {rows.map((row) => (
        <BarRow key={row.value ?? ""} share={row.sessions / most} label={drawn.name(row)} value={`${exact(row.sessions)} visits`} />
      ))}
    </ul>
  );
}

const PAGE: BreakdownPage<SessionRow> = {
  name: "Places",
  most: "busiest",
  by: "sessions",
  dimensions: [
    { value: "countries", one: "country", unknown: "no country", named: countryName },
    { value: "regions", one: "region", unknown: "no region" },
    { value: "cities", one: "city", unknown: "no city" },
  ],
  figures: SESSION_FIGURES,
  totals: ["sessions", "people", "bounce_rate", "conversions", "conversion_rate", "revenue"],
  headline,
  chart: {
    plain: "Where visits come from",
    subtitle: "visits by place",
    finding: ({ found }) => {
      const unknown = found.rows.find((row) => row.value === null);
      return unknown ? `The place is known of ${share(found.total.sessions - unknown.sessions, found.total.sessions, "all visits")}` : null;
    },
    draw: (drawn) => (drawn.dimension.value === "countries" ? <WorldMap drawn={drawn} /> : <Greatest drawn={drawn} />),
  },
};

export default function Places() {
  return <Breakdown page={PAGE} />;
}
