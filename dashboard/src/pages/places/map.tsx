/**
 * The world with its countries shaded by their visits: drawn from an outline that comes with the page. Every country with
 * visits is a button; what is too small for the outline is told below it.
 */
import { useMemo, useState } from "react";
import { TableActions } from "../../parts/table_actions";
import type { Column } from "../../parts/table";
import { exact, money, percent } from "../../words/numbers";
import type { Drawn } from "../breakdown/breakdown";
import { FEW } from "../breakdown/figures";
import type { SessionRow } from "../breakdown/sessions";
import { LIMITS, shade } from "./countries";
import outline from "./outline.json";
import "./places.css";

const PATHS: Readonly<Record<string, string>> = outline.countries;

export function WorldMap({ drawn }: { drawn: Drawn<SessionRow> }) {
  const { rows, currency } = drawn.found;
  const [looked, look] = useState<SessionRow | null>(null);
  const known = useMemo(() => new Map(rows.map((row) => [row.value, row])), [rows]);
  const most = Math.max(0, ...rows.filter((row) => row.value !== null).map((row) => row.sessions));
  const missing = rows.filter((row) => row.value !== null && row.value !== undefined && !(row.value in PATHS));
  const columns: Column<SessionRow>[] = [
    { key: "country", head: "Country", cell: drawn.name, sort: drawn.name },
    { key: "sessions", head: "Sessions", figure: true, cell: (row) => exact(row.sessions), sort: (row) => row.sessions },
  ];
  return (
    <figure className="chart" aria-label="Visits by country">
      <svg viewBox={`0 0 ${outline.width} ${outline.height}`} className="places-map" role="group" aria-label="Map of the world, countries shaded by their visits">
        <path d={outline.others} className="places-land" />
        {Object.entries(PATHS).map(([code, path]) => {
          const row = known.get(code);
          return row ? <Country key={code} path={path} row={row} most={most} drawn={drawn} look={look} /> : <path key={code} d={path} className="places-0" />;
        })}
      </svg>
      <div className="places-foot">
        <p className="second">{looked ? inWords(looked, drawn, currency) : "Point at a country, or go through them by Tab."}</p>
        <TableActions columns={columns} rows={rows} file="countries" />
      </div>
      <Legend most={most} />
      {missing.length > 0 && <p className="small soft">Too small for this outline: {missing.map((row) => `${drawn.name(row)} ${exact(row.sessions)}`).join(", ")}. The table has them.</p>}
    </figure>
  );
}

interface CountryProps {
  path: string;
  row: SessionRow;
  most: number;
  drawn: Drawn<SessionRow>;
  look(row: SessionRow | null): void;
}

function Country({ path, row, most, drawn, look }: CountryProps) {
  const open = (): void => drawn.open("sessions", row);
  return (
    <path
      d={path}
      className={`places-${shade(row.sessions, most)}`}
      role="button"
      tabIndex={0}
      data-figure={row.sessions}
      aria-label={`${drawn.name(row)}: ${exact(row.sessions)} sessions`}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open();
      }}
      onPointerEnter={() => look(row)}
      onPointerLeave={() => look(null)}
      onFocus={() => look(row)}
      onBlur={() => look(null)}
    />
  );
}

function inWords(row: SessionRow, { name }: Drawn<SessionRow>, currency: string): string {
  const buying = row.sessions < FEW ? `${exact(row.conversions)} of them buying` : `${exact(row.conversions)} of them buying (${percent(row.conversion_rate)})`;
  return `${name(row)}: ${exact(row.sessions)} visits, ${buying}, ${money(row.revenue, currency)}`;
}

function Legend({ most }: { most: number }) {
  return (
    <ul className="places-legend" aria-label="Shades">
      <li>visits:</li>
      {LIMITS.map((limit, index) => (
        <li key={limit}>
          <svg width="12" height="12" aria-hidden="true">
            <rect width="12" height="12" className={`places-${index + 1}`} />
          </svg>
          to {exact(Math.floor(limit * most))}
        </li>
      ))}
    </ul>
  );
}
