import { expect, test } from "vitest";
import { finding, nameOf, openEnded, openings, openLink, openNode, openTransition, stepOf, type Answer } from "./question";

const ANSWER: Answer = {
  definition: { text: "", question: {} },
  noted: { events: 0, people: 0, bot_events: 0, late_events: 0 },
  people: { path: "", coordinates: {} },
  nodes: [
    { place: 0, label: "/", is_other: false, people: 50, ended: 10 },
    { place: 0, label: null, is_other: false, people: 9, ended: 2 },
    { place: 0, label: null, is_other: true, people: 20, ended: 5 },
    { place: 1, label: "/tea", is_other: false, people: 30, ended: 30 },
  ],
  links: [
    { place: 0, source: null, source_is_other: true, target: "/tea", target_is_other: false, people: 40 },
    { place: 0, source: "/", source_is_other: false, target: "/tea", target_is_other: false, people: 25 },
  ],
  transitions: [{ source: "/", target: null, times: 4, people: 3 }],
};

test("each number has its own coordinates: the unknown is not the others, an end is not its node", () => {
  const [root, unknown, others] = ANSWER.nodes;
  expect([root!, unknown!, others!].map((node) => openNode(node).key)).toEqual(["place=0&value=%2F", "place=0&unknown=true", "place=0&other=true"]);
  expect(openEnded(root!)).toMatchObject({ params: { place: 0, value: "/", ended: true }, shown: 10 });
  expect(openLink(ANSWER.links[0]!).params).toEqual({ place: 0, other: true, target: "/tea" });
  expect(openTransition(ANSWER.transitions[0]!).params).toEqual({ value: "/", target_unknown: true });
  expect(openings(ANSWER).size).toBe(4 * 2 + 2 + 1);
});

test("a page is a step by its path, with what it holds in quotes", () => {
  expect(stepOf("pages", '/a"b')).toBe('kind:page[page_path = "/a\\"b"]');
  expect(stepOf("events", "signup")).toBe("signup");
});

test("the finding is of names, never of what stands for many", () => {
  expect(finding(ANSWER, "begin")?.link.people).toBe(25);
  expect(finding({ ...ANSWER, nodes: [], links: [] }, "begin")).toBeNull();
  expect([nameOf(null), nameOf(null, true), nameOf("")]).toEqual(["unknown", "others", ""]);
});
