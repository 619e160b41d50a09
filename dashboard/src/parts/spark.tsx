/** The course of a figure without axes; its last value has a dot. */
export function Spark({ values, width, height, label }: { values: readonly number[]; width: number; height: number; label: string }) {
  if (values.length < 2) return null;
  const most = Math.max(...values, 1e-9);
  const x = (at: number): number => 1 + (at / (values.length - 1)) * (width - 6);
  const y = (value: number): number => height - 2 - (value / most) * (height - 6);
  const line = values.map((value, at) => `${at ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} className="spark">
      <path d={`${line}L${x(values.length - 1)} ${height - 1}L1 ${height - 1}Z`} fill="var(--paper-3)" />
      <path d={line} fill="none" stroke="var(--ink)" strokeWidth="1.5" />
      <circle cx={x(values.length - 1)} cy={y(values.at(-1) ?? 0)} r="2.5" fill="var(--ink)" />
    </svg>
  );
}
