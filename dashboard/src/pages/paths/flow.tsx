/** The ways as a Sankey diagram: a node is a page or event at its place, a link those who went on to the next. */
import { useMemo } from "react";
import { Chart, escaped, type Picked, type Tokens } from "../../parts/chart";
import type { Column } from "../../parts/table";
import { exact } from "../../words/numbers";
import { nameOf, openLink, openNode, type Answer, type Link, type Node, type Opening } from "./question";

const COLUMNS: readonly Column<Link>[] = [
  { key: "place", head: "Place", figure: true, cell: (link) => link.place, plain: (link) => link.place },
  { key: "source", head: "From", cell: (link) => nameOf(link.source, link.source_is_other), plain: (link) => nameOf(link.source, link.source_is_other) },
  { key: "target", head: "To", cell: (link) => nameOf(link.target, link.target_is_other), plain: (link) => nameOf(link.target, link.target_is_other) },
  { key: "people", head: "People", figure: true, cell: (link) => exact(link.people), plain: (link) => link.people },
];

export function Flow({ answer, noun, opened, open }: { answer: Answer; noun: string; opened: string | null; open(key: string): void }) {
  const option = useMemo(() => (tokens: Tokens) => drawing(tokens, answer, noun, opened), [answer, noun, opened]);
  const pick = ({ data }: Picked): void => {
    const key = (data as { key?: unknown } | null)?.key;
    if (typeof key === "string") open(key);
  };
  const rows = Math.max(1, ...answer.nodes.map(({ place }) => answer.nodes.filter((node) => node.place === place).length));
  return <Chart label="Ways from place to place" option={option} columns={COLUMNS} rows={answer.links} rowKey={(link) => openLink(link).key} file="paths" height={Math.max(240, rows * 48)} onPick={pick} open={(link) => open(openLink(link).key)} figure={(link) => link.people} />;
}

const idOf = (place: number, label: string | null | undefined, isOther: boolean): string => JSON.stringify([place, label ?? null, isOther]);
const LONGEST = 22;

interface Item {
  value: number;
  key: string;
  title: string;
}

const item = ({ key, shown, title }: Opening): Item => ({ value: shown, key, title });

function drawing(tokens: Tokens, answer: Answer, noun: string, opened: string | null) {
  const first = Math.min(...answer.nodes.map((node) => node.place));
  const label = (node: Node): string => nameOf(node.label, node.is_other);
  const ink = { borderColor: tokens("ink"), borderWidth: 2 };
  return {
    tooltip: { trigger: "item", formatter: ({ data }: { data: Item }) => `${escaped(data.title)}<br><b>${exact(data.value)}</b> ${noun}<br>Click opens them` },
    series: [
      {
        type: "sankey",
        left: 0,
        right: 120,
        top: 4,
        bottom: 4,
        nodeWidth: 8,
        nodeGap: 14,
        nodeAlign: "left",
        draggable: false,
        layoutIterations: 0,
        emphasis: { focus: "none", lineStyle: { opacity: 0.6 } },
        data: answer.nodes.map((node) => ({
          ...item(openNode(node)),
          name: idOf(node.place, node.label, node.is_other),
          depth: node.place - first,
          itemStyle: { color: tokens(node.is_other ? "ink-4" : "ink"), borderWidth: 0, ...(openNode(node).key === opened ? ink : {}) },
          label: { show: true, color: tokens("ink-2"), fontSize: 11, formatter: `${short(label(node))}  ${exact(node.people)}` },
        })),
        links: answer.links.map((link) => ({
          ...item(openLink(link)),
          source: idOf(link.place, link.source, link.source_is_other),
          target: idOf(link.place + 1, link.target, link.target_is_other),
          lineStyle: { color: tokens(openLink(link).key === opened ? "ink" : "ink-3"), opacity: 0.22, curveness: 0.5 },
        })),
      },
    ],
  };
}

const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
