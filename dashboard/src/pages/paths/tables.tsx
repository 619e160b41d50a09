/** The same in tables: the most frequent transitions, each place, each way between two; all open their people. */
import { useState } from "react";
import { Choice } from "../../parts/button";
import { Cell } from "../../parts/sheet";
import { Table, type Column } from "../../parts/table";
import { exact } from "../../words/numbers";
import { nameOf, openEnded, openLink, openNode, openTransition, type Answer, type Link, type Node, type Transition } from "./question";

type Opens = (key: string) => void;

export function Tables({ answer, noun, opened, open }: { answer: Answer; noun: string; opened: string | null; open: Opens }) {
  const [of, setOf] = useState<"places" | "links">("places");
  const heading = `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`;
  const choice = <Choice<"places" | "links"> label="Which numbers" value={of} options={[{ value: "places", label: "places" }, { value: "links", label: "ways between two" }]} onChange={setOf} />;
  return (
    <>
      <Cell span={6} first title="The most frequent steps" subtitle="at whatever place; the same one again is folded into one">
        <Table caption="Most frequent transitions" columns={transitionColumns(heading)} rows={answer.transitions} rowKey={(row) => openTransition(row).key} figure={(row) => row.people} open={(row) => open(openTransition(row).key)} selected={opened} dense />
      </Cell>
      <Cell span={6} last title="Place by place" subtitle="0 is where ways begin, or end" action={choice}>
        {of === "places" ? (
          <Table caption="Nodes of the diagram" columns={nodeColumns(heading, open)} rows={answer.nodes} rowKey={(row) => openNode(row).key} figure={(row) => row.people} open={(row) => open(openNode(row).key)} selected={opened} dense />
        ) : (
          <Table caption="Links of the diagram" columns={linkColumns(heading)} rows={answer.links} rowKey={(row) => openLink(row).key} figure={(row) => row.people} open={(row) => open(openLink(row).key)} selected={opened} dense />
        )}
      </Cell>
    </>
  );
}

const name = (label: string | null | undefined, isOther = false) => (label === null || label === undefined ? <span className="soft">{nameOf(label, isOther)}</span> : <span className="mono clip">{label}</span>);

const transitionColumns = (heading: string): readonly Column<Transition>[] => [
  { key: "source", head: "From", cell: (row) => name(row.source), plain: (row) => row.source ?? null },
  { key: "target", head: "To", cell: (row) => name(row.target), plain: (row) => row.target ?? null },
  { key: "times", head: "Times", figure: true, cell: (row) => exact(row.times), sort: (row) => row.times },
  { key: "people", head: heading, figure: true, cell: (row) => exact(row.people), sort: (row) => row.people },
];

const nodeColumns = (heading: string, open: Opens): readonly Column<Node>[] => [
  { key: "place", head: "Place", cell: (row) => row.place, sort: (row) => row.place },
  { key: "label", head: "Name", cell: (row) => name(row.label, row.is_other), plain: (row) => nameOf(row.label, row.is_other) },
  { key: "people", head: heading, figure: true, cell: (row) => exact(row.people), sort: (row) => row.people },
  {
    key: "ended",
    head: "No further",
    figure: true,
    sort: (row) => row.ended,
    cell: (row) =>
      row.ended === 0 ? (
        "0"
      ) : (
        <button
          type="button"
          className="link"
          data-figure={row.ended}
          aria-label={`${exact(row.ended)} at ${nameOf(row.label, row.is_other)} who go no further`}
          onClick={(event) => {
            event.stopPropagation();
            open(openEnded(row).key);
          }}
        >
          {exact(row.ended)}
        </button>
      ),
  },
];

const linkColumns = (heading: string): readonly Column<Link>[] => [
  { key: "place", head: "Place", cell: (row) => row.place, sort: (row) => row.place },
  { key: "source", head: "From", cell: (row) => name(row.source, row.source_is_other), plain: (row) => nameOf(row.source, row.source_is_other) },
  { key: "target", head: "To", cell: (row) => name(row.target, row.target_is_other), plain: (row) => nameOf(row.target, row.target_is_other) },
  { key: "people", head: heading, figure: true, cell: (row) => exact(row.people), sort: (row) => row.people },
];
