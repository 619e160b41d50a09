import { describe, expect, it } from "vitest";
import { moved, placed } from "./rows";

const of = (...widths: number[]) => placed(widths.map((width) => ({ width }))).map(({ first, last }) => `${first ? "|" : ""}${last ? "." : ""}`);

describe("rows of a sheet", () => {
  it("begin with the first tile and with whatever has no room left", () => {
    expect(of(6, 6, 12, 4, 4, 4, 3)).toEqual(["|", ".", "|.", "|", "", ".", "|."]);
    expect(of(8, 8)).toEqual(["|.", "|."]);
    expect(of()).toEqual([]);
  });
});

describe("a tile that is moved", () => {
  it("changes places with its neighbour, and stays where it can't go on", () => {
    expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });
});
