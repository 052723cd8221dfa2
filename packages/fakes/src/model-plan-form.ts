/**
 * The response format that the Plan Engine requests from a model: a plan, or the reason why there is no plan. It is only
 * defined here and in the engine.
 */
import type { PlanTask } from '@orra-ts/protocol';

/** A plan of a model. It is not validated, so that an invalid plan reaches the engine. */
export interface ModelPlan {
  readonly tasks: readonly PlanTask[];
  /** Values in the words of the action that are not in any submitted field. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** The service that covers each capability of a grounding. */
  readonly capabilities?: readonly { readonly capability: string; readonly service: string }[];
}

export const actionableContent = ({ constants, capabilities, tasks }: ModelPlan): unknown => ({
  actionable: true,
  constants,
  capabilities,
  tasks,
});

/** @param nearest names of the most similar services */
export const notActionableContent = (reason: string, nearest: readonly string[]): unknown => ({
  actionable: false,
  reason,
  nearest,
});
