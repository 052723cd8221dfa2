/** The revertible service of the tests of outcomes and reverts. */
import { defineService, jsonSchema, type RevertSource, type Task } from '../../src';

export interface Charge {
  text?: string;
}
export const chargeSchema = jsonSchema<Charge>({ type: 'object', properties: { text: { type: 'string' } } });
export type ChargeRevertSource = RevertSource<Charge, Charge | undefined>;

interface ChargeOptions {
  readonly also?: readonly ('failed' | 'unknown')[];
  readonly revert?: (source: ChargeRevertSource) => unknown;
  readonly onCrash?: 'fail';
  readonly concurrency?: number;
  readonly timeout?: number;
}

/** A revertible service `charge`. */
export const charge = (
  handler: (task: Task<Charge>) => unknown,
  { also = [], revert = () => undefined, ...options }: ChargeOptions = {},
) =>
  defineService(
    {
      name: 'charge',
      description: 'Charges',
      input: chargeSchema,
      output: chargeSchema,
      also,
      revert: revert as () => undefined,
      ...options,
    },
    handler as (task: Task<Charge>) => Charge,
  );
