/** A plan after validation: every service is resolved and every reference is known to be sound. */
import type { ServiceId, Spec } from '@orra-ts/protocol';

/** A task of a validated plan. */
export interface ResolvedTask {
  readonly id: string;
  readonly serviceId: ServiceId;
  readonly serviceName: string;
  /** The service's description when the plan was made. */
  readonly capability: string;
  /** Literals and references, as planned. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Ids of the tasks it refers to, without task0, sorted. */
  readonly dependsOn: readonly string[];
  readonly inputSpec: Spec;
  readonly outputSpec: Spec;
  readonly revertible: boolean;
  /** Timeout of one attempt as the service registered it; the submitter's timeout overrides it. */
  readonly timeoutMs?: number;
}

export interface ResolvedPlan {
  readonly tasks: readonly ResolvedTask[];
  readonly parallelGroups: readonly (readonly string[])[];
  /** Input of task0: the submitted fields, and constants of the plan. */
  readonly taskZero: Readonly<Record<string, unknown>>;
  /** Names of its fields that come from the words of the action; absent if there are none, or none were recorded. */
  readonly constants?: readonly string[];
}
