/** Times in the project's zone, which a page names once; 24 hours, no seconds where minutes do. */

type Stamp = string | number | Date;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options })));
  return made;
}

const TIME = { hour: "2-digit", minute: "2-digit" } as const;

/** `14:31`, with seconds `14:31:08`. */
export function clock(time: Stamp, zone: string, seconds = false): string {
  return format(zone, seconds ? { ...TIME, second: "2-digit" } : TIME).format(new Date(time));
}

/** `2026-08-03`: the day in the zone. */
export function isoDay(time: Stamp, zone: string): string {
  const parts = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(new Date(time));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** `3 Aug`, of another year `3 Aug 2023`. */
export function day(time: Stamp, zone: string, now: Stamp = Date.now()): string {
  const sameYear = isoDay(time, zone).slice(0, 4) === isoDay(now, zone).slice(0, 4);
  return format(zone, { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }).format(new Date(time));
}

/** Today `14:31`; this year `3 Aug 14:31`; else `3 Aug 2023`. */
export function when(time: Stamp, zone: string, now: Stamp = Date.now()): string {
  if (isoDay(time, zone) === isoDay(now, zone)) return clock(time, zone);
  const sameYear = isoDay(time, zone).slice(0, 4) === isoDay(now, zone).slice(0, 4);
  return sameYear ? `${day(time, zone, now)} ${clock(time, zone)}` : day(time, zone, now);
}

/** `0.8 s`, `42 s`, `11 min 05 s`, `2 h 04 min`, `3 days 4 h`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 10 && seconds % 1 !== 0) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  const days = Math.floor(whole / 86_400);
  return `${days} ${days === 1 ? "day" : "days"} ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** `3 min ago`; under a minute in seconds. */
export function ago(time: Stamp, now: number = Date.now()): string {
  const seconds = Math.max(0, (now - new Date(time).getTime()) / 1000);
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
