import { expect, it } from "vitest";
import { nameOfWho, pathOf, titleOfWho, whoOf } from "./who";

it.each(["u:ann", "v:a/b?c#d", "u:100%", "s:<script>", "u:ann&bob=1;é"])("finds %s again in its address", (who) => {
  expect(whoOf(new URL(pathOf(who), "http://host").pathname)).toBe(who);
});

it("names people by their ids", () => {
  expect(nameOfWho("u:ann")).toBe("ann");
  expect(titleOfWho("v:8c1f")).toBe("Visitor 8c1f");
  expect(whoOf("/people/%E0%A4%A")).toBe("%E0%A4%A");
});
