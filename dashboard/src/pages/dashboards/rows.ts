/** Which tiles begin and end a row of the sheet: those carry no outer rule. */
const COLUMNS = 12;

export interface Placed<T> {
  tile: T;
  first: boolean;
  last: boolean;
}

export function placed<T extends { width: number }>(tiles: readonly T[]): Placed<T>[] {
  let used = 0;
  return tiles.map((tile, place) => {
    const begins = used === 0 || used + tile.width > COLUMNS;
    used = begins ? tile.width : used + tile.width;
    const next = tiles[place + 1];
    return { tile, first: begins, last: !next || used + next.width > COLUMNS };
  });
}

/** The list with the item at `place` moved by one, up (-1) or down (1). */
export function moved<T>(list: readonly T[], place: number, by: -1 | 1): T[] {
  const next = [...list];
  const [item] = next.splice(place, 1);
  if (item !== undefined) next.splice(Math.max(0, place + by), 0, item);
  return next;
}
