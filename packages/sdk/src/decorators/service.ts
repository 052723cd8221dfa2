import type { ServiceKind } from '@orra-ts/protocol';
import type { ClassType } from '../schema';
import { recordService } from '../metadata/records';

export interface ServiceOptions {
  /** Name on the wire: 3 to 63 lower-case letters, digits, `-` and `.`. Never taken from the class's name. */
  readonly name: string;
  /** What it does, for the planner: it chooses services by this text. */
  readonly description: string;
}

const annotate =
  (kind: ServiceKind) =>
  (options: ServiceOptions) =>
  (cls: ClassType): void => {
    recordService(cls, { kind, name: options.name, description: options.description });
  };

/** Makes a class a service: its `@Handler` methods can be tasks of plans. Subclasses need an annotation of their own. */
export const OrraService: (options: ServiceOptions) => (cls: ClassType) => void = annotate('service');

/** As `@OrraService`, registered as an agent: something that decides for itself and may take its time. */
export const OrraAgent: (options: ServiceOptions) => (cls: ClassType) => void = annotate('agent');
