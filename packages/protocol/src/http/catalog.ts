/** What our engine knows in a project, beyond the public protocol: `GET /services` and `GET /plans`. */
import type { DefinedPlan } from '../plan';
import type { ServiceKind } from '../registration';
import type { ServiceSchema } from '../spec';

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

export interface DefinedPlanView extends DefinedPlan {
  /** Counts from 1 for each name. */
  readonly version: number;
  readonly createdAt: string;
}
