import type { ServiceKind } from '@orra-ts/protocol';
import type { ClassType } from '../schema';
import { requireLegacy } from './require-legacy';
import { recordService } from '../metadata/records';

export interface ServiceOptions {
  /**
   * Name on the wire: 3 to 63 lower-case letters, digits, `-` and `.`. It is never derived from the name of the class.
   */
  readonly name: string;
  /** Describes the service for the planner, which chooses services by their descriptions. */
  readonly description: string;
}

const annotate =
  (kind: ServiceKind) =>
  (options: ServiceOptions) =>
  (cls: ClassType, context?: unknown): void => {
    requireLegacy(kind === 'agent' ? '@OrraAgent' : '@OrraService', context);
    recordService(cls, { kind, name: options.name, description: options.description });
  };

/** Makes a class a service: its `@Handler` methods can be tasks of plans. A subclass needs its own annotation. */
export const OrraService: (options: ServiceOptions) => (cls: ClassType) => void = annotate('service');

/** Like `@OrraService`, but registers an agent, which makes its own decisions and may run for a long time. */
export const OrraAgent: (options: ServiceOptions) => (cls: ClassType) => void = annotate('agent');
