/**
 * The definition that the explorer creates from a decorated class or from `defineService`: frozen, plain data. The
 * runtime uses only this.
 */
import type { ServiceKind } from '@orra-ts/protocol';
import type { OutcomeWithoutOutput } from '../metadata/records';
import type { ValueSchema } from '../validation/value-schema';

/** Calls user code. The instance is undefined for function services. */
export type Invoke = (instance: unknown, argument: unknown) => unknown;

export interface RevertDefinition {
  /** Such as `InventoryService.release`, for messages. */
  readonly label: string;
  /** Time after its completion in which a task can be reverted. */
  readonly ttlMs: number;
  /** Outcomes without an output that are reverted too. */
  readonly also: ReadonlySet<OutcomeWithoutOutput>;
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
  /** Maximum duration of one attempt, in milliseconds; undefined for the engine's. */
  readonly timeoutMs?: number;
  /** Maximum concurrent runs of the handler; `Infinity` without a limit. */
  readonly concurrency: number;
  /** Decides about a key that was running when the process crashed (X3). */
  readonly onCrash: 'rerun' | 'fail';
  /** The decorated class and method, absent for function services. */
  readonly target?: { readonly cls: abstract new (...args: never[]) => object; readonly method: string };
}
