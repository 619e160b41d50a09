/** How sure a share is, and which rows differ from the rest for certain. */

/** Wilson's interval of `part` of `base` as percentages (E. B. Wilson, JASA 22, 1927); `z` standard deviations wide. */
export function wilson(part: number, base: number, z: number): readonly [number, number] {
  if (base === 0) return [0, 100];
  const [share, spread] = [part / base, z * z];
  const centre = (share + spread / (2 * base)) / (1 + spread / base);
  const half = (z / (1 + spread / base)) * Math.sqrt((share * (1 - share)) / base + spread / (4 * base * base));
  return [100 * Math.max(0, centre - half), 100 * Math.min(1, centre + half)];
}

/**
 * Standard deviations for intervals of which, all `rows` together, 95 in 100 hold (Bonferroni): more rows, more room for
 * chance. Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23; off by at most 0.00045.
 */
export function deviations(rows: number): number {
  const t = Math.sqrt(-2 * Math.log(0.05 / (2 * Math.max(1, rows))));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}
