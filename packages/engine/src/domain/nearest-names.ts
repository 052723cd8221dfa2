/** Names in messages: a bounded list of those there are, the nearest to what was written first. */
import { excerpt } from './plan-problems';

const MAX_LISTED = 8;
const MAX_LISTED_LENGTH = 40;
/** Of services or outputs: comparing costs time, and whoever has more does not look for one in an error message (E8). */
const MAX_COMPARED = 500;
const MAX_COMPARED_LENGTH = 64;

/** Such as `reserve, release and 3 more`; empty when there are none. */
export function nearestNames(names: readonly string[], wanted = ''): string {
  const ranked = names
    .slice(0, MAX_COMPARED)
    .map((name) => ({ name, distance: distance(name, wanted) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const listed = ranked.slice(0, MAX_LISTED).map(({ name }) => excerpt(name, MAX_LISTED_LENGTH));
  const more = names.length - listed.length;
  return listed.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Characters to add, drop or replace to make one of the other, whatever the case. */
function distance(name: string, wanted: string): number {
  if (wanted === '') return 0;
  const a = name.slice(0, MAX_COMPARED_LENGTH).toLowerCase();
  const b = wanted.slice(0, MAX_COMPARED_LENGTH).toLowerCase();
  // One row of the usual table, overwritten from left to right.
  const row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = i - 1;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] as number;
      const replaced = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, above + 1, (row[j - 1] as number) + 1);
      diagonal = above;
    }
  }
  return row[b.length] as number;
}
