/** A plan after validation: every service is resolved and every reference is known to be sound. */
import type { ServiceId, Spec } from '@orra-ts/protocol';

/** A task of a validated plan. */
export interface ResolvedTask {
  readonly id: string;
  readonly serviceId: ServiceId;
  readonly serviceName: string;
  /** The service's description at the time of planning. */
  readonly capability: string;
  /** Literals and references, as planned. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Ids of the tasks that its input refers to, without task0, sorted. */
  readonly dependsOn: readonly string[];
  readonly inputSpec: Spec;
  readonly outputSpec: Spec;
  readonly revertible: boolean;
  /** The service's timeout of one attempt. The submitter's timeout has priority over it, and it over the default. */
  readonly timeoutMs?: number;
}

export interface ResolvedPlan {
  readonly tasks: readonly ResolvedTask[];
  readonly parallelGroups: readonly (readonly string[])[];
  /** Input of task0: the submitted fields, and constants of the plan. */
  readonly taskZero: Readonly<Record<string, unknown>>;
  /**
   * Names of the fields that were not submitted but come from the action; absent if there are none or none were
   * recorded.
   */
  readonly constants?: readonly string[];
  /** All reverts that are not held run at once (E6). @default one at a time, in reverse order of completion */
  readonly compensation?: 'parallel';
}
