/** What countries are called, and how strongly each is shaded. */

const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** `Germany` of `DE`; what is no code stays as it is. */
export function countryName(code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

/** The upper limits of the shades as parts of the greatest value: eyes compare orders of magnitude here, not lengths. */
export const LIMITS = [0.02, 0.08, 0.25, 0.6, 1] as const;

/** 0 for nothing, else 1 to 5. */
export function shade(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0;
  return 1 + LIMITS.findIndex((limit) => value <= limit * most);
}
