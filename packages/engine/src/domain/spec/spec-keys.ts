/** Equal schemas get equal keys: services often repeat the schema of a list for every field. */
import type { Spec } from '@orra-ts/protocol';

/** Maximum members and characters of a schema that is keyed by content. A larger one is keyed by identity (E8). */
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

/** What is left of a limit after a value; stops once nothing is left. */
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
