/**
 * A page that says what each page, product, channel or place brought. The page itself states its figures, the rule of its
 * headline and its chart; the question, the table and the people behind every number stand here.
 */
import { useCallback, useMemo, type ReactNode } from "react";
import type { Params } from "../../api/client";
import { useAnswer } from "../../api/queries";
import { Freshness } from "../../frame/top_bar";
import { Answer, Nothing } from "../../parts/answer";
import { Button, Choice } from "../../parts/button";
import { CLASSES, className, isClass } from "../../parts/classes";
import { coordinates, PeopleDrawer } from "../../parts/people_drawer";
import { Cell, Page, Sheet } from "../../parts/sheet";
import { Table, type Column, type Order } from "../../parts/table";
import { TableActions } from "../../parts/table_actions";
import { Defined } from "../../parts/words";
import type { Asked } from "../../state/asked";
import { useProject } from "../../state/project";
import { useRange } from "../../state/range";
import { useView } from "../../state/view";
import { exact } from "../../words/numbers";
import { clock } from "../../words/times";
import { TopActions } from "../../frame/top_bar";
import { SaveQuestion } from "../../parts/save_question";
import { nameOf, valueOf, written, type Figure, type Found, type Key, type Row } from "./figures";
import "./breakdown.css";

const TOPS = ["25", "100", "1000"] as const;

/** One way to break down. */
export interface Dimension {
  /** As the API calls it: `campaigns`. */
  value: string;
  /** What one row is: `campaign`. */
  one: string;
  /** What stands where the value is not known: `no campaign`. */
  unknown: string;
  /** How a value is written; as it is unless this says otherwise. */
  named?(value: string): string;
}

/** What a page draws of an answer. */
export interface Drawn<R extends Row> {
  found: Found<R>;
  dimension: Dimension;
  /** Whether rows beyond these are left out. */
  cut: boolean;
  name(row: R): string;
  /** Opens the people or sessions behind a figure of a row; null is all rows together. */
  open(key: Key<R>, row: R | null): void;
}

export interface BreakdownPage<R extends Row> {
  name: string;
  /** How the greatest rows are called: "most viewed". */
  most: string;
  /** By which figure the API puts them in order. */
  by: Key<R>;
  /** The first is usual. */
  dimensions: readonly [Dimension, ...Dimension[]];
  figures: readonly Figure<R>[];
  /** The figures that stand on top, of all rows together. */
  totals: readonly Key<R>[];
  headline(drawn: Drawn<R>): string;
  chart: { plain: string; subtitle: string; finding(drawn: Drawn<R>): string | null; draw(drawn: Drawn<R>): ReactNode };
}

/** Which rows and figures: all of it is in the page's address. */
function useChosen<R extends Row>(page: BreakdownPage<R>) {
  const view = useView();
  const range = useRange();
  const dimension = page.dimensions.find((one) => one.value === view.get("by")) ?? page.dimensions[0];
  const top = TOPS.find((one) => one === view.get("top")) ?? TOPS[0];
  const chosen = view.get("class") ?? "";
  const visitorClass = isClass(chosen) ? chosen : null;
  const params = useMemo<Params>(
    () => ({ ...range.asked, top, where: visitorClass && `class = "${visitorClass}"` }),
    [range.asked, top, visitorClass],
  );
  return { view, range, dimension, top, visitorClass, params };
}

/** The question as it can be saved. */
export function askedOf(dimension: Dimension, params: Params): Asked {
  const given = Object.entries(params).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, String(value)]]));
  return { kind: "breakdown", params: { ...(Object.fromEntries(given) as Record<string, string>), dimension: dimension.value } };
}

export function Breakdown<R extends Row>({ page }: { page: BreakdownPage<R> }) {
  const { view, range, dimension, top, visitorClass, params } = useChosen(page);
  const { zone } = useProject();
  const answer = useAnswer<Found<R>>(`/v1/breakdown/${dimension.value}`, params); // its rows have the columns of the dimension
  const found = answer.data;
  const open = useCallback(
    (key: Key<R>, row: R | null) =>
      view.set({ open: key, value: row?.value ?? null, unknown: row && row.value === null ? "1" : null }, true),
    [view],
  );
  const drawn = useMemo<Drawn<R> | null>(
    () =>
      found && found.rows.length > 0
        ? { found, dimension, cut: found.rows.length >= Number(top), name: (row) => named(dimension, row), open }
        : null,
    [found, dimension, top, open],
  );
  const reads = `${dimension.value}, ${range.label.toLowerCase()}`;
  const nothing = <Empty dimension={dimension} range={range.label} all={visitorClass === null ? null : () => view.set({ class: null })} wider={() => view.set({ range: "all", from: null, to: null })} />;
  const tile = (height: number, draw: (drawn: Drawn<R>) => ReactNode, empty: ReactNode = null): ReactNode => (
    <Answer of={answer} reads={reads} height={height} isEmpty={(data) => data.rows.length === 0} empty={empty}>
      {() => drawn && draw(drawn)}
    </Answer>
  );
  return (
    <Page name={page.name} headline={drawn ? page.headline(drawn) : page.name} lede={<Sentence page={page} />}>
      <TopActions>
        <SaveQuestion asked={askedOf(dimension, params)} />
      </TopActions>
      {answer.dataUpdatedAt > 0 && <Freshness stale={answer.isError}>
          <span className="wide">counted at </span>
          {clock(answer.dataUpdatedAt, zone)}
        </Freshness>}
      <Sheet>
        <Cell span={12} first last label="In all">
          {tile(48, (shown) => <Totals page={page} drawn={shown} />, nothing)}
        </Cell>
        {(drawn !== null || answer.isPending) && (
          <>
            <Cell span={12} first last label={page.chart.plain} title={(drawn && page.chart.finding(drawn)) ?? page.chart.plain} subtitle={page.chart.subtitle}>
              {tile(280, (shown) => page.chart.draw(shown))}
            </Cell>
            <Rows page={page} drawn={drawn} zone={zone}>
              {tile}
            </Rows>
          </>
        )}
      </Sheet>
      {drawn && <Behind page={page} drawn={drawn} params={params} />}
    </Page>
  );
}

/** `Direct`: a word at the begin of a sentence. */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

const named = (dimension: Dimension, row: Row): string =>
  row.value !== null && row.value !== undefined && dimension.named ? dimension.named(row.value) : nameOf(row, dimension.unknown);

/** "The 25 most viewed pages of visits by everybody." */
function Sentence<R extends Row>({ page }: { page: BreakdownPage<R> }) {
  const { view, dimension, top, visitorClass } = useChosen(page);
  const classes = CLASSES.map((one) => ({ value: one as string, label: `${className(one)}s` }));
  const changed = { open: null, value: null, unknown: null };
  return (
    <span className="breakdown-sentence">
      The{" "}
      <Choice label="How many" value={top} options={TOPS.map((one) => ({ value: one, label: exact(one) }))} onChange={(value) => view.set({ top: value === TOPS[0] ? null : value, ...changed })} />{" "}
      {page.most}{" "}
      {page.dimensions.length > 1 ? (
        <Choice
          label="Broken down by"
          value={dimension.value}
          options={page.dimensions.map(({ value }) => ({ value, label: value }))}
          onChange={(value) => view.set({ by: value === page.dimensions[0].value ? null : value, sort: null, ...changed })}
        />
      ) : (
        dimension.value
      )}{" "}
      of visits by{" "}
      <Choice label="Whose visits" value={visitorClass ?? ""} options={[{ value: "", label: "everybody" }, ...classes]} onChange={(value) => view.set({ class: value || null, ...changed })} />
    </span>
  );
}

function Empty({ dimension, range, all, wider }: { dimension: Dimension; range: string; all: (() => void) | null; wider: () => void }) {
  return all ? (
    <Nothing action={<Button onClick={all}>Show everybody</Button>}>No {dimension.one} has a visit of this class. The other filters stay.</Nothing>
  ) : (
    <Nothing action={<Button onClick={wider}>Show everything there is</Button>}>No {dimension.one} is known of this range ({range.toLowerCase()}).</Nothing>
  );
}

function Totals<R extends Row>({ page, drawn }: { page: BreakdownPage<R>; drawn: Drawn<R> }) {
  const { total, currency } = drawn.found;
  return (
    <dl className="breakdown-totals">
      {page.totals.map((key) => {
        const figure = page.figures.find((one) => one.key === key);
        return (
          figure && (
            <div key={key}>
              <dt className="small">
                <Defined means={figure.means}>{figure.head}</Defined>
              </dt>
              <dd className="figure">
                <Opening figure={figure} row={total} name="all together" currency={currency} open={() => drawn.open(key, null)} />
              </dd>
            </div>
          )
        );
      })}
    </dl>
  );
}

interface OpeningProps<R extends Row> {
  figure: Figure<R>;
  row: R;
  name: string;
  currency: string;
  pressed?: boolean;
  open(): void;
}

/** A figure; the button of its list when it counts somebody. */
function Opening<R extends Row>({ figure, row, name, currency, pressed = false, open }: OpeningProps<R>) {
  const text = written(figure, row, currency);
  const many = valueOf(row, figure.key);
  if (!figure.counts || !many) return <>{text}</>;
  return (
    <button type="button" className="link breakdown-open" data-figure={many} aria-label={`${figure.head} of ${name}: ${text} ${figure.counts}`} aria-pressed={pressed} onClick={open}>
      {text}
    </button>
  );
}

interface RowsProps<R extends Row> {
  page: BreakdownPage<R>;
  drawn: Drawn<R> | null;
  zone: string;
  children(height: number, draw: (drawn: Drawn<R>) => ReactNode): ReactNode;
}

function Rows<R extends Row>({ page, drawn, zone, children }: RowsProps<R>) {
  const view = useView();
  const columns = useMemo(() => (drawn ? columnsOf(page, drawn, view.get("open"), chosenRow(drawn, view.get("value"), view.get("unknown"))) : []), [page, drawn, view]);
  const [sort, down] = (view.get("sort") ?? "").split(".");
  const order: Order | null = sort ? { key: sort, down: down !== "up" } : null;
  const count = drawn ? `${drawn.cut ? `the first ${exact(drawn.found.rows.length)}` : exact(drawn.found.rows.length)}` : "";
  return (
    <Cell
      span={12}
      first
      last
      title={`All ${drawn?.dimension.value ?? ""}`}
      subtitle={drawn ? `${count}, the ${page.most} first; days in ${zone}` : undefined}
      action={drawn && <TableActions columns={columns} rows={drawn.found.rows} file={drawn.dimension.value} />}
    >
      {children(400, (shown) => (
        <Table
          caption={`${page.name}: ${shown.dimension.value} with their figures`}
          columns={columns}
          rows={shown.found.rows}
          rowKey={keyOf}
          order={order}
          onOrder={(next) => view.set({ sort: `${next.key}.${next.down ? "down" : "up"}` }, true)}
          dense
        />
      ))}
    </Cell>
  );
}

const keyOf = (row: Row): string => (row.value === null || row.value === undefined ? "unknown" : `=${row.value}`);

function chosenRow<R extends Row>(drawn: Drawn<R>, value: string | null, unknown: string | null): R | undefined {
  return drawn.found.rows.find((row) => (unknown ? row.value === null : value !== null && row.value === value));
}

function columnsOf<R extends Row>(page: BreakdownPage<R>, drawn: Drawn<R>, opened: string | null, chosen: R | undefined): Column<R>[] {
  const most = Math.max(1, ...drawn.found.rows.map((row) => valueOf(row, page.by) ?? 0));
  const { currency } = drawn.found;
  return [
    {
      key: drawn.dimension.one,
      head: capital(drawn.dimension.one),
      cell: (row) => <Named name={drawn.name(row)} share={(valueOf(row, page.by) ?? 0) / most} known={row.value !== null} />,
      sort: (row) => drawn.name(row),
      plain: (row) => row.value ?? null,
    },
    ...page.figures.map((figure) => ({
      key: figure.key,
      head: <span title={figure.means}>{figure.head}</span>,
      figure: true,
      wide: figure.wide ?? false,
      cell: (row: R) => (
        <Opening
          figure={figure}
          row={row}
          name={drawn.name(row)}
          currency={currency}
          pressed={row === chosen && figure.key === opened}
          open={() => drawn.open(figure.key, row)}
        />
      ),
      sort: (row: R) => valueOf(row, figure.key),
    })),
  ];
}

/** A value with a bar behind it: its part of the greatest. */
function Named({ name, share, known }: { name: string; share: number; known: boolean }) {
  return (
    <span className="breakdown-name" title={name}>
      <svg className="bar" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 1">
        <rect width={share * 100} height="1" />
      </svg>
      <span className={known ? "" : "soft"}>{name}</span>
    </span>
  );
}

/** The drawer of the number that the address names. */
function Behind<R extends Row>({ page, drawn, params }: { page: BreakdownPage<R>; drawn: Drawn<R>; params: Params }) {
  const view = useView();
  const [opened, value, unknown] = [view.get("open"), view.get("value"), view.get("unknown")];
  const figure = page.figures.find((one) => one.key === opened && one.counts);
  const whole = value === null && unknown === null;
  const row = whole ? drawn.found.total : chosenRow(drawn, value, unknown);
  if (!figure || !row) return null;
  const { rows, people } = drawn.found;
  const following = whole ? undefined : rows[rows.indexOf(row) + 1];
  const close = (): void => view.set({ open: null, value: null, unknown: null }, true);
  return (
    <PeopleDrawer
      key={`${figure.key} ${keyOf(row)} ${whole}`}
      of={{
        path: people.path,
        params: { ...params, ...(whole ? {} : coordinates(people, { value: row.value ?? null })), figure: figure.key },
        shown: valueOf(row, figure.key) ?? 0,
        noun: figure.counts ?? "people",
      }}
      title={`${figure.head}, ${whole ? `all ${drawn.dimension.value}` : drawn.name(row)}`}
      words={figure.means}
      close={close}
      next={following && (() => drawn.open(figure.key, following))}
    />
  );
}
