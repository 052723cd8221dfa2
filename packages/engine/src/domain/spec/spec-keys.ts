/** Schemas that say the same, told by a key: services write the schema of a list again for every field of theirs. */
import type { Spec } from '@orra-ts/protocol';

/** In members and characters. A larger schema is known by itself alone: parts of one are asked for one inside the other (E8). */
const MAX_SIZE = 2_000;

export class SpecKeys {
  private readonly known = new Map<Spec, string | Spec>();

  of(spec: Spec): string | Spec {
    let key = this.known.get(spec);
    if (key === undefined) {
      key = sizeLeft(spec, MAX_SIZE) > 0 ? JSON.stringify(spec) : spec;
      this.known.set(spec, key);
    }
    return key;
  }
}

/** Of a bound; stops where nothing is left of it. */
function sizeLeft(value: unknown, bound: number): number {
  if (typeof value === 'string') return bound - value.length - 1;
  if (typeof value !== 'object' || value === null) return bound - 1;
  if (Array.isArray(value) && value.length > bound) return 0;
  let left = bound - 1;
  for (const name in value) {
    if (left <= 0) break;
    left = sizeLeft((value as Record<string, unknown>)[name], left - name.length);
  }
  return left;
}
