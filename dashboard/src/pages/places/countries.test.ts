import { expect, it } from "vitest";
import { countryName, shade } from "./countries";
import outline from "./outline.json";

it("names countries by their codes, and leaves what is no code", () => {
  expect(countryName("DE")).toBe("Germany");
  expect(countryName("<script>")).toBe("<script>");
  expect(countryName("Germany")).toBe("Germany");
});

it("shades nothing with nothing, the greatest the darkest, and never backwards", () => {
  expect(shade(0, 100)).toBe(0);
  expect(shade(1, 100)).toBe(1);
  expect(shade(100, 100)).toBe(5);
  const shades = Array.from({ length: 101 }, (_, value) => shade(value, 100));
  expect(shades).toEqual([...shades].sort((one, other) => one - other));
});

it("draws only countries that have a name, each as closed paths", () => {
  for (const [code, path] of Object.entries(outline.countries)) {
    expect(countryName(code)).not.toBe(code);
    expect(path).toMatch(/^(M[-\d. ]+l[-\d. ]+z)+$/);
  }
});
