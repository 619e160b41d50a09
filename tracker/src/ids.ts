/** Ids that sort by time (RFC 9562, UUID version 7) and tell when they were made. */

let last = 0;

/** A new id; each is a millisecond younger than the one before at least, so that order is kept. */
export function newId(now: number = Date.now()): string {
  last = Math.max(now, last + 1);
  const time = last.toString(16).padStart(12, "0");
  const chance = [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => (byte + 256).toString(16).slice(1)).join("");
  const variant = "89ab"[parseInt(chance[3]!, 16) & 3]!;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${chance.slice(0, 3)}-${variant}${chance.slice(4, 7)}-${chance.slice(8)}`;
}

/** When an id was made, in ms since the epoch. */
export function timeOf(id: string): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
