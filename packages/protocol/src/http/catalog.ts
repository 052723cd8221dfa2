/** What our engine knows in a project, beyond the public protocol: `GET /services` and `GET /plans`. */
import type { DefinedPlan } from '../plan';
import type { ServiceKind } from '../registration';
import type { ServiceSchema } from '../spec';
import type { PlanProblemView } from './orchestration';

export interface ServiceView {
  readonly id: string;
  readonly name: string;
  readonly type: ServiceKind;
  readonly description: string;
  /** Counts from 1, one more for every registration that changed something. */
  readonly version: number;
  readonly revertible: boolean;
  readonly schema: ServiceSchema;
  /** Longest run of one attempt that its handler declares. */
  readonly timeoutMs?: number;
  /** Open sockets; 0 means that its tasks wait. */
  readonly connections: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One version of a plan; it never changes. */
export interface PlanVersionView extends DefinedPlan {
  /** Counts from 1 for each name, whatever happens to it in between. */
  readonly version: number;
  readonly createdAt: string;
  /** The plan was removed when this was its newest version. */
  readonly retiredAt?: string;
}

/** The newest version of a plan, and how it fares with the services that are registered now. */
export interface DefinedPlanView extends PlanVersionView {
  /** What its services have changed since of what it relies on: actions that match it are refused. Absent: nothing. */
  readonly stale?: readonly PlanProblemView[];
  /** What keeps it from running with these services, whatever is submitted. Absent: nothing. */
  readonly problems?: readonly PlanProblemView[];
}

/** Answer of `PUT /plans/{name}`. */
export interface PlanRegisteredView extends DefinedPlanView {
  /** It was registered just so before; absent: this is a new version. */
  readonly unchanged?: true;
}

/** Answer of `GET /plans/{name}`. */
export interface DefinedPlanDetails extends DefinedPlanView {
  /** Newest first, at most 100. */
  readonly versions: readonly PlanVersionView[];
}
