import { expect, test } from "vitest";
import { change, difference, normalQuantile, proportion, tQuantile } from "./certainty";

test("quantiles are those of the printed tables", () => {
  expect([0.975, 0.995, 0.5, 0.025].map((p) => normalQuantile(p).toFixed(4))).toEqual(["1.9600", "2.5758", "0.0000", "-1.9600"]);
  for (const [p, degrees, printed] of [[0.975, 4, 2.776], [0.975, 6, 2.447], [0.995, 4, 4.604], [0.995, 6, 3.707], [0.995, 27, 2.771]] as const)
    expect(Math.abs(tQuantile(p, degrees) / printed - 1)).toBeLessThan(0.01);
});

test("a difference whose interval holds none is not told, however large it looks", () => {
  expect(difference({ hits: 12, of: 100 }, { hits: 18, of: 150 })).toBeNull();
  expect(difference({ hits: 9, of: 40 }, { hits: 4, of: 40 })).toBeNull();
});

test("few cases tell nothing", () => {
  expect(difference({ hits: 20, of: 29 }, { hits: 1, of: 5000 })).toBeNull();
  expect(difference({ hits: 3, of: 40 }, { hits: 0, of: 5000 })).toBeNull();
  expect(proportion({ hits: 20, of: 29 })).toBeNull();
  expect(change([9, 9, 9, 9], [1, 2, 1, 2])).toBeNull();
});

test("a difference is an early sign before it is solid, with the share of the sample that it would need", () => {
  const early = difference({ hits: 130, of: 1000 }, { hits: 100, of: 1000 });
  expect(early?.certainty.word).toBe("Early sign");
  expect(early?.low).toBeGreaterThan(0);
  const fill = early?.certainty.fill ?? 0;
  const more = Math.ceil(1000 / fill) + 20; // of the same shares
  expect(difference({ hits: 0.13 * more, of: more }, { hits: 0.1 * more, of: more })?.certainty).toEqual({ word: "Solid", fill: 1 });
});

test("what was picked from many must stand out further", () => {
  const [one, other] = [{ hits: 130, of: 1000 }, { hits: 100, of: 1000 }];
  expect(difference(one, other)).not.toBeNull();
  expect(difference(one, other, 20)).toBeNull();
});

test("a change is told when the days agree on it, not when one day made it", () => {
  const before = [100, 120, 110, 130, 105, 140, 125];
  expect(change(before.map((value) => value + 20 + (value % 3)), before)?.certainty.word).toBe("Solid");
  expect(change(before.map((value, index) => (index === 3 ? value + 140 : value)), before)).toBeNull();
});

test("a share is solid once it is known to five points", () => {
  expect(proportion({ hits: 216, of: 400 })?.certainty.word).toBe("Solid");
  expect(proportion({ hits: 54, of: 100 })?.certainty).toEqual({ word: "Early sign", fill: expect.closeTo(0.27, 1) as number });
});
