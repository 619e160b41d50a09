/**
 * How sure a sentence is. A difference is told only when its 95% interval, widened for everything it was picked from
 * (Bonferroni), excludes none; it is *Solid* when the 99% interval does, too, else an *Early sign*.
 */

export interface Certainty {
  word: "Solid" | "Early sign";
  /** Share of the sample that would make it solid, at most 1. */
  fill: number;
}

export interface Told {
  estimate: number;
  /** The interval at the level at which it is told. */
  low: number;
  high: number;
  certainty: Certainty;
}

const [EARLY, SOLID] = [0.05, 0.01];
/** With fewer, only counts are told. */
export const FEWEST = 30;
const FEWEST_EXPECTED = 10;
const FEWEST_PAIRS = 5;
/** A share is solid when it is known to so much, either way. */
const CLOSE = 0.05;

export interface Sample {
  hits: number;
  of: number;
}

/** The difference of two shares (Agresti and Caffo, 2000: one hit and one miss added to each), or null: not told. */
export function difference(one: Sample, other: Sample, pickedFrom = 1): Told | null {
  const pooled = (one.hits + other.hits) / (one.of + other.of);
  const rarest = Math.min(pooled, 1 - pooled) * Math.min(one.of, other.of);
  if (Math.min(one.of, other.of) < FEWEST || !(rarest >= FEWEST_EXPECTED)) return null;
  const [p, q] = [one, other].map(({ hits, of }) => (hits + 1) / (of + 2)) as [number, number];
  const error = Math.sqrt((p * (1 - p)) / (one.of + 2) + (q * (1 - q)) / (other.of + 2));
  return told(p - q, error, (tail) => normalQuantile(1 - tail / pickedFrom));
}

/** The mean difference of pairs (Student's t): each day and the one that it stands beside; null: not told. */
export function change(now: readonly number[], before: readonly number[]): Told | null {
  const pairs = now.length;
  if (pairs < FEWEST_PAIRS || before.length !== pairs) return null;
  const apart = now.map((value, index) => value - (before[index] ?? 0));
  const mean = apart.reduce((sum, value) => sum + value, 0) / pairs;
  const spread = Math.sqrt(apart.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (pairs - 1));
  return told(mean, spread / Math.sqrt(pairs), (tail) => tQuantile(1 - tail, pairs - 1));
}

function told(estimate: number, error: number, quantile: (tail: number) => number): Told | null {
  const [half, solid] = [quantile(EARLY / 2) * error, quantile(SOLID / 2) * error];
  if (!(Math.abs(estimate) > half)) return null;
  const fill = Math.min(1, (estimate / solid) ** 2);
  return { estimate, low: estimate - half, high: estimate + half, certainty: { word: fill === 1 ? "Solid" : "Early sign", fill } };
}

/** A share as it is (Wilson's 95% interval): solid when it is known to five points; null under thirty cases. */
export function proportion({ hits, of }: Sample): Told | null {
  if (of < FEWEST) return null;
  const z = normalQuantile(1 - EARLY / 2);
  const [p, wide] = [hits / of, 1 + z ** 2 / of];
  const middle = (p + z ** 2 / (2 * of)) / wide;
  const half = (z / wide) * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2));
  const fill = Math.min(1, (CLOSE / half) ** 2);
  return { estimate: p, low: middle - half, high: middle + half, certainty: { word: fill === 1 ? "Solid" : "Early sign", fill } };
}

const A = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
const C = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
const polynomial = (factors: readonly number[], x: number): number => factors.reduce((sum, factor) => sum * x + factor, 0);

/** Of the standard normal distribution (Acklam's approximation; relative error under 1.2 · 10⁻⁹). */
export function normalQuantile(p: number): number {
  if (p < 0.5) return -normalQuantile(1 - p);
  if (p <= 0.97575) {
    const [q, r] = [p - 0.5, (p - 0.5) ** 2];
    return (polynomial(A, r) * q) / polynomial(B, r);
  }
  const q = Math.sqrt(-2 * Math.log(1 - p));
  return -polynomial(C, q) / polynomial(D, q);
}

/** Of Student's distribution (Abramowitz and Stegun 26.7.5; within 1% from 4 degrees on, for tails of 0.5% and more). */
export function tQuantile(p: number, degrees: number): number {
  const z = normalQuantile(p);
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((sum, term, index) => sum + term / degrees ** (index + 1), z);
}
