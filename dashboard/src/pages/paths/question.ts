/** What Paths asks, from its address: a link is a view, and a question that can be kept. */
import { useMemo } from "react";
import type { Params, Schema } from "../../api/client";
import type { Asked } from "../../state/asked";
import { useRange } from "../../state/range";
import { useView } from "../../state/view";

export const SIDES = { begin: "from their first on", start: "after", end: "before" } as const;
export type Side = keyof typeof SIDES;
export const USUAL = { over: "pages", by: "person", depth: "4", top: "6" } as const;

export interface Question {
  over: "pages" | "events";
  by: "person" | "session";
  side: Side;
  /** The page's path or the event that ways begin or end with; empty without one. */
  anchor: string;
  depth: number;
  top: number;
  where: string | null;
  /** For the API. */
  params: Params;
  asked: Asked;
}

function whole(text: string | null, usual: string, most: number): number {
  const value = Number(text ?? usual);
  return Number.isInteger(value) && value >= 1 && value <= most ? value : Number(usual);
}

/** A page by its path, as the API takes a step; an event is one already. */
export function stepOf(over: Question["over"], anchor: string): string {
  return over === "events" || !anchor.startsWith("/") ? anchor : `kind:page[page_path = ${JSON.stringify(anchor)}]`;
}

export function useQuestion(): Question {
  const view = useView();
  const range = useRange();
  return useMemo(() => {
    const over = view.get("over") === "events" ? "events" : "pages";
    const by = view.get("by") === "session" ? "session" : "person";
    const [start, end] = [view.get("start"), view.get("end")];
    const side: Side = start !== null ? "start" : end !== null ? "end" : "begin";
    const anchor = start ?? end ?? "";
    const [depth, top] = [whole(view.get("depth"), USUAL.depth, 10), whole(view.get("top"), USUAL.top, 30)];
    const where = view.get("where");
    const given = anchor === "" || side === "begin" ? {} : { [side]: stepOf(over, anchor) };
    const params: Params = { ...range.asked, over, by, depth, top, where, ...given };
    const said = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== "");
    const asked: Asked = { kind: "paths", params: Object.fromEntries(said.map(([name, value]) => [name, String(value)])) };
    return { over, by, side, anchor, depth, top, where, params, asked };
  }, [view, range]);
}

export type Answer = Schema<"Paths">;
export type Node = Schema<"Node">;
export type Link = Schema<"Link">;
export type Transition = Schema<"Transition">;

/** A number of the answer: how to ask for its people, how many they are, and what it is in words. */
export interface Opening {
  /** Its coordinates as text, for the address. */
  key: string;
  params: Params;
  shown: number;
  title: string;
}

export const nameOf = (label: string | null | undefined, isOther = false): string => (isOther ? "others" : (label ?? "unknown"));

const value = (label: string | null | undefined, isOther = false): Params => (isOther ? { other: true } : label === null || label === undefined ? { unknown: true } : { value: label });
const target = (label: string | null | undefined, isOther = false): Params => (isOther ? { target_other: true } : label === null || label === undefined ? { target_unknown: true } : { target: label });

function opening(params: Params, shown: number, title: string): Opening {
  const key = new URLSearchParams(Object.entries(params).map(([name, given]): [string, string] => [name, String(given)])).toString();
  return { key, params, shown, title };
}

export const openNode = (node: Node): Opening => opening({ place: node.place, ...value(node.label, node.is_other) }, node.people, nameOf(node.label, node.is_other));
export const openEnded = (node: Node): Opening => opening({ place: node.place, ...value(node.label, node.is_other), ended: true }, node.ended, `${nameOf(node.label, node.is_other)}, ${node.place < 0 ? "begun there" : "ended there"}`);
export const openLink = (link: Link): Opening => opening({ place: link.place, ...value(link.source, link.source_is_other), ...target(link.target, link.target_is_other) }, link.people, `${nameOf(link.source, link.source_is_other)} → ${nameOf(link.target, link.target_is_other)}`);
export const openTransition = (step: Transition): Opening => opening({ ...value(step.source), ...target(step.target) }, step.people, `${nameOf(step.source)} → ${nameOf(step.target)}, at any place`);

/** Everything of an answer that can be opened, by its key. */
export function openings(answer: Answer): Map<string, Opening> {
  const all = [...answer.nodes.flatMap((node) => [openNode(node), openEnded(node)]), ...answer.links.map(openLink), ...answer.transitions.map(openTransition)];
  return new Map(all.map((one) => [one.key, one]));
}

/** `Most go from / to /coffee: 237 of 1,845.` Of the anchor, or of the first place, the largest link that has a name. */
export function finding(answer: Answer, side: Side): { node: Node; link: Link } | null {
  const places = answer.nodes.map((node) => node.place);
  if (places.length === 0) return null;
  const place = side === "end" ? Math.max(...places) - 1 : Math.min(...places);
  const named = answer.links.filter((link) => link.place === place && !link.source_is_other && !link.target_is_other && link.source !== null && link.target !== null);
  const link = named.reduce<Link | null>((best, one) => (best === null || one.people > best.people ? one : best), null);
  const node = link && answer.nodes.find((one) => one.place === place && one.label === link.source && !one.is_other);
  return link && node ? { node, link } : null;
}
