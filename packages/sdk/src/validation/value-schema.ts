/** Checks the values of one side of a service, regardless of the kind of schema. */
import type { Spec } from '@orra-ts/protocol';

/** One rule that a value violates. */
export interface Violation {
  /** Path such as `items[2].quantity`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
  /** What user code threw during the check, such as a rule or a getter: the log shows its stack. */
  readonly thrown?: unknown;
}

export type Checked =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** Lists the paths of unknown members that were removed; undefined if none was. */
      readonly removed?: () => readonly string[];
    }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** The input or output of a service, declared by a DTO class, a Standard Schema or a JSON Schema. */
export interface ValueSchema {
  /** JSON Schema, draft 2020-12; compiled once at boot. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** The schema for the registration: with resolved references, in the engine's subset, plus descriptions. */
  readonly spec: Spec;
  /** Parts of the schema that the Go engine neither keeps nor checks, one sentence each, for the boot log. */
  readonly unsupportedKeywords: readonly string[];
  /** Parts of the schema that no engine checks, so that the service alone does, one sentence each. */
  readonly leftToService: readonly string[];
  /** True if `{}` is valid, which is then sent for a handler that returns nothing (H2). */
  readonly acceptsEmptyObject: boolean;
  /**
   * For inputs: structural check, instantiation, full validation. Synchronous if the schema allows it, because a
   * promise per task costs more than the check. Rejects only if a custom asynchronous rule does.
   */
  accept(value: unknown): Checked | Promise<Checked>;
  /** For outputs: checks the value of a handler and returns the plain JSON value to send. */
  emit(value: unknown): Checked | Promise<Checked>;
  /** Instantiates a stored value as far as it fits, and never fails (H3). Returns a promise if the schema needs one. */
  revive(value: unknown): unknown;
}
