/** How values of one side of a service are checked, regardless of how the schema was declared. */
import type { Spec } from '@orra-ts/protocol';

/** One rule that a value breaks. */
export interface Violation {
  /** Such as `items[2].quantity`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

export type Checked =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly violations: readonly Violation[] };

/** One side of a service: what it takes or gives, as a DTO class, a Standard Schema or a JSON Schema declared it. */
export interface ValueSchema {
  /** JSON Schema, draft 2020-12; compiled once at boot. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** What is registered with the engine: the same with references resolved, in the engine's subset plus descriptions. */
  readonly spec: Spec;
  /** Parts of the schema that the Go engine neither keeps nor checks, one sentence each, for the boot log. */
  readonly unsupportedKeywords: readonly string[];
  /** True when `{}` fits: what a handler that returns nothing then sends (H2). */
  readonly acceptsEmptyObject: boolean;
  /**
   * Input side: structural check, instantiate, full validation. Synchronous wherever the schema allows it: a promise a
   * task costs more than the check. Rejects only where an asynchronous rule of the user's does.
   */
  accept(value: unknown): Checked | Promise<Checked>;
  /** Output side: checks what a handler returned and returns the plain JSON value to send. */
  emit(value: unknown): Checked | Promise<Checked>;
  /** Instantiates as far as it fits and never fails (H3). */
  revive(value: unknown): unknown;
}
