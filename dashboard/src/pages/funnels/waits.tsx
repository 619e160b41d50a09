/** How long it took from the step before to this one, along each one's way: a small histogram, and two figures of it. */
import type { Schema } from "../../api/client";
import { exact } from "../../words/numbers";
import { duration } from "../../words/times";

type Bin = Schema<"WaitBin">;
const [WIDTH, HEIGHT, WIDEST] = [116, 24, 9];

export function Waits({ of, first }: { of: Schema<"StepItem"> | undefined; first: boolean }) {
  if (first) return <p className="funnel-time">Time from the step before</p>;
  const [median, most] = [of?.median_seconds_since_before, of?.p90_seconds_since_before];
  if (!of || median === undefined || median === null) return <p className="funnel-time">{of ? "nobody came so far" : " "}</p>;
  return (
    <p className="funnel-time">
      <Histogram bins={of.waits} />
      half within {duration(Math.round(median))}
      <br />
      nine in ten within {duration(most && Math.round(most))}
    </p>
  );
}

/** A bar for each bin. Bounds grow with the time, so what lies far right took many times longer. */
function Histogram({ bins }: { bins: readonly Bin[] }) {
  const most = Math.max(1, ...bins.map((bin) => bin.people));
  const pitch = Math.min(WIDEST, WIDTH / Math.max(1, bins.length));
  return (
    <svg className="funnel-waits" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={waitsInWords(bins)}>
      {bins.map((bin, place) => {
        const height = bin.people === 0 ? 0 : Math.max(1, (HEIGHT * bin.people) / most);
        return (
          <rect key={bin.from_seconds} x={place * pitch} y={HEIGHT - height} width={pitch - 1} height={height}>
            <title>{inWords(bin)}</title>
          </rect>
        );
      })}
    </svg>
  );
}

const rangeOf = (bin: Bin): string => {
  if (bin.before_seconds === null) return `${duration(bin.from_seconds)} or longer`;
  return bin.from_seconds === 0 ? `under ${duration(bin.before_seconds)}` : `${duration(bin.from_seconds)} to ${duration(bin.before_seconds)}`;
};
const inWords = (bin: Bin): string => `${exact(bin.people)} took ${rangeOf(bin)}`;

/** `Time since the step before, most often 2 min 00 s to 3 min 00 s: 120 of 400`. */
export function waitsInWords(bins: readonly Bin[]): string {
  const [usual] = [...bins].sort((left, right) => right.people - left.people);
  if (!usual) return "Time since the step before: nobody came so far";
  return `Time since the step before, most often ${rangeOf(usual)}: ${exact(usual.people)} of ${exact(bins.reduce((sum, bin) => sum + bin.people, 0))}`;
}
