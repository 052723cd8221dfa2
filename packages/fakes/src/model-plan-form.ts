/**
 * The form in which the Plan Engine asks a model to answer: a plan, or why there can be none. A model knows the engine's
 * form and nothing else does, so it stands here alone.
 */
import type { PlanTask } from '@orra-ts/protocol';

/** A plan as a model gives it. Nothing is checked: what is wrong in it reaches the engine. */
export interface ModelPlan {
  readonly tasks: readonly PlanTask[];
  /** Values from the action's words that no submitted field holds. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** Which service covers which capability of a grounding. */
  readonly capabilities?: readonly { readonly capability: string; readonly service: string }[];
}

export const actionableAnswer = ({ constants, capabilities, tasks }: ModelPlan): unknown => ({
  actionable: true,
  constants,
  capabilities,
  tasks,
});

/** @param nearest names of services that come closest to what was wanted */
export const notActionableAnswer = (reason: string, nearest: readonly string[]): unknown => ({
  actionable: false,
  reason,
  nearest,
});
