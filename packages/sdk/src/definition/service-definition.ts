/**
 * What the explorer makes of a decorated class or of `defineService`: frozen and plain. The runtime sees only this.
 */
import type { ServiceKind, Spec } from '@orra-ts/protocol';

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
  /** What the public engine will not keep or check, in sentences for the boot log. */
  readonly losses: readonly string[];
  /** True when `{}` fits: what a handler that returns nothing then sends (H2). */
  readonly acceptsEmptyObject: boolean;
  /**
   * Input side: structural check, instantiate, full validation. Synchronous wherever the schema allows it: a promise a
   * task costs more than the check. Rejects only where an asynchronous rule of the user's does.
   */
  accept(value: unknown): Checked | Promise<Checked>;
  /** Output side: checks what a handler returned and answers the plain JSON value to send. */
  emit(value: unknown): Checked | Promise<Checked>;
  /** Instantiates as far as it fits and never fails (H3). */
  revive(value: unknown): unknown;
}

/** Calls user code. The instance is the object behind the class, or undefined for function services. */
export type Invoke = (instance: unknown, argument: unknown) => unknown;

export interface RevertDefinition {
  /** Such as `InventoryService.release`, for messages. */
  readonly label: string;
  /** How long a finished task stays revertible. */
  readonly ttlMs: number;
  /** Outcomes that are reverted too, although they have no output. */
  readonly also: ReadonlySet<'failed' | 'interrupted'>;
  readonly invoke: Invoke;
}

export interface ServiceDefinition {
  /** Name on the wire. */
  readonly name: string;
  readonly kind: ServiceKind;
  readonly description: string;
  /** Such as `InventoryService.reserve`, for messages. */
  readonly label: string;
  readonly input: ValueSchema;
  readonly output: ValueSchema;
  /** `task`: called with the `Task`; `input`: with the DTO itself. */
  readonly takes: 'task' | 'input';
  readonly invoke: Invoke;
  readonly revert?: RevertDefinition;
  /** Longest run of one attempt, in milliseconds; undefined: the engine's. */
  readonly timeoutMs?: number;
  /** Handlers of this service at work at once. `Infinity` when not limited. */
  readonly concurrency: number;
  /** What becomes of a key that was running when the process died (X3). */
  readonly onCrash: 'rerun' | 'fail';
  /** The decorated class and method, absent for function services. */
  readonly target?: { readonly cls: abstract new (...args: never[]) => object; readonly method: string };
}
