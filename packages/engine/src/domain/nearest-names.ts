/** Lists names in messages: a bounded list of existing names, those nearest to the given one first. */
import { excerpt } from './excerpt';

const MAX_LISTED = 8;
const MAX_LISTED_LENGTH = 40;
/** Maximum number of compared names: comparing takes time, and longer lists do not help in a message (E8). */
const MAX_COMPARED = 500;
const MAX_COMPARED_LENGTH = 64;
const BITS = 32;

/** Returns a list such as `reserve, release and 3 more`; empty if there are no names. */
export function nearestNames(names: readonly string[], wanted = ''): string {
  const ranked = names
    .slice(0, MAX_COMPARED)
    .map((name) => ({ name, distance: distance(name, wanted) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const listed = ranked.slice(0, MAX_LISTED).map(({ name }) => excerpt(name, MAX_LISTED_LENGTH));
  const more = names.length - listed.length;
  return listed.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Case-insensitive edit distance of two names after their common prefix, which is skipped. */
export function distance(name: string, wanted: string): number {
  if (wanted === '') return 0;
  const a = name.slice(0, MAX_COMPARED_LENGTH).toLowerCase();
  const b = wanted.slice(0, MAX_COMPARED_LENGTH).toLowerCase();
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  return distanceByBits(a.slice(same, same + BITS), b.slice(same, same + BITS));
}

/**
 * Myers' bit-parallel edit distance. Two words represent a column of the usual table: the rows where it grows by one,
 * and those where it shrinks. A plan can have a hundred wrong names, each compared with hundreds of others (E8).
 */
function distanceByBits(rows: string, columns: string): number {
  if (rows === '') return columns.length;
  const places = new Map<string, number>();
  for (let row = 0; row < rows.length; row++) {
    const letter = rows.charAt(row);
    places.set(letter, (places.get(letter) ?? 0) | (1 << row));
  }
  const last = 1 << (rows.length - 1);
  let grows = -1;
  let shrinks = 0;
  let score = rows.length;
  for (let column = 0; column < columns.length; column++) {
    const equal = places.get(columns.charAt(column)) ?? 0;
    const diagonal = (((equal & grows) + grows) ^ grows) | equal | shrinks;
    const growsAcross = shrinks | ~(diagonal | grows);
    const shrinksAcross = grows & diagonal;
    if (growsAcross & last) score++;
    if (shrinksAcross & last) score--;
    // The first row of the table grows with every column.
    const shifted = (growsAcross << 1) | 1;
    grows = (shrinksAcross << 1) | ~(equal | shrinks | shifted);
    shrinks = shifted & (equal | shrinks);
  }
  return score;
}
