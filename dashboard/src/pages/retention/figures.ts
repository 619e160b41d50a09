/** What the cells of the grid say, and the finding of the page. Pure. */
import { exact, money, percent } from "../../words/numbers";
import type { Cell, Cohort, Part, Shown, Unit } from "./question";

/** With fewer people in a cohort their number is told, not a percentage. */
const FEWEST = 30;

/** The cohorts from the first that has anybody: what lies before the first event is no cohort. */
export function lived(cohorts: readonly Cohort[]): readonly Cohort[] {
  const first = cohorts.findIndex((cohort) => cohort.size > 0);
  return first < 0 ? [] : cohorts.slice(first);
}

/** Whether a period has not ended for the cohort: nobody knows its number yet. */
export const isOpen = (cell: Cell): boolean => cell.people === null;

/** The people whom a cell opens: the active ones, of money those who bought. */
export function behind(cell: Cell, show: Shown): number | null {
  return show === "revenue" || show === "lifetime" ? (cell.money?.buyers ?? null) : cell.people;
}

/** A cell's text; null where nothing is known yet. */
export function written(cell: Cell, cohort: Cohort, show: Shown, currency: string): string | null {
  if (isOpen(cell)) return null;
  if (show === "people") return exact(cell.people);
  if (show === "share") return cohort.size < FEWEST ? `${exact(cell.people)} of ${exact(cohort.size)}` : percent(cell.share, 1);
  const value = show === "revenue" ? cell.money?.revenue : cell.money?.lifetime;
  return value === null || value === undefined ? "–" : money(value, currency, show === "revenue" ? 0 : 2);
}

/** How dark a cell is, from 0 to 1: its part of the largest that came back; the cohort's own period says nothing of that. */
export function weight(cell: Cell, show: Shown, largest: number): number {
  return cell.period === 0 || largest <= 0 ? 0 : Math.max(0, valueOf(cell, show) ?? 0) / largest;
}

/** The number of a cell; of shares in percent. */
export function valueOf(cell: Cell, show: Shown): number | null {
  const value = show === "share" ? cell.share : show === "people" ? cell.people : show === "revenue" ? cell.money?.revenue : cell.money?.lifetime;
  return value === null || value === undefined ? null : Number(value);
}

/** The largest value of all periods after the cohorts' own. */
export const most = (cohorts: readonly Cohort[], show: Shown): number => Math.max(0, ...cohorts.flatMap((cohort) => cohort.cells.slice(1).map((cell) => valueOf(cell, show) ?? 0)));

/** `Of 100 who came for the first time, 31 come back in the week after.` */
export function finding(part: Part | undefined, unit: Unit): string {
  const cohorts = part ? lived(part.cohorts) : [];
  const known = cohorts.filter((cohort) => cohort.cells[1]?.people !== null && cohort.cells[1] !== undefined && cohort.size > 0);
  if (cohorts.length === 0) return "Nobody began in this range.";
  if (known.length === 0) return `No ${unit} after the first has ended yet.`;
  const [began, back] = [sum(known.map((cohort) => cohort.size)), sum(known.map((cohort) => cohort.cells[1]?.people ?? 0))];
  if (began < FEWEST) return `${exact(back)} of ${exact(began)} came back in the ${unit} after their first.`;
  return `${percent((100 * back) / began, 1)} come back in the ${unit} after their first.`;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
