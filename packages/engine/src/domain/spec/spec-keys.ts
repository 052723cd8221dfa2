/** Gives equal schemas the same key. Services often repeat the schema of a list for several fields. */
import type { Spec } from '@orra-ts/protocol';

/** Maximum size in members and characters. A larger schema is its own key, because nested schemas get keys too (E8). */
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

/** Returns what is left of the bound after a value; stops when nothing is left. */
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
