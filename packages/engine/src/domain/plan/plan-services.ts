/** Resolves the service of each task of a plan. */
import { parseReference, type JsonSchemas, type PlanTask, type ServiceId, type ServiceSchema } from '@orra-ts/protocol';
import { nearestNames } from '../nearest-names';
import { dependenciesOf } from './references';
import { differences, sameJson } from '../same-json';
import { excerpt } from '../excerpt';
import type { ResolvedTask } from './resolved-plan';

/** The parts of a service that planning needs. */
export interface PlannableService {
  readonly id: ServiceId;
  readonly name: string;
  readonly description: string;
  readonly schema: ServiceSchema;
  /** The full JSON Schemas, if `schema` cannot express everything. */
  readonly jsonSchema?: JsonSchemas;
  readonly revertible: boolean;
  readonly timeoutMs?: number;
  /** Time of the newest registration. */
  readonly updatedAt: number;
}

/** Resolves the services of one plan's tasks. Each name is resolved once, because many tasks may share it. */
export class ServiceFinder {
  private readonly found = new Map<string, PlannableService | string>();

  constructor(private readonly services: readonly PlannableService[]) {}

  /** Returns the service, or why it cannot be resolved. */
  find({ service = '' }: PlanTask): PlannableService | string {
    const wanted = service.trim();
    let found = this.found.get(wanted);
    if (found === undefined) {
      found = serviceCalled(wanted, this.services);
      this.found.set(wanted, found);
    }
    return found;
  }
}

function serviceCalled(wanted: string, services: readonly PlannableService[]): PlannableService | string {
  if (wanted === '') return `is missing: set the id or the name of a service; ${registeredServices(wanted, services)}`;
  if (parseReference(wanted)) {
    return `"${excerpt(wanted)}" is a reference, and the service of a task cannot be one; ${registeredServices('', services)}`;
  }
  // Ids are lower case, but a model may change their case.
  const lowerCase = wanted.toLowerCase();
  const byId = services.find(({ id }) => id === wanted || id === lowerCase);
  if (byId) return byId;
  const named = services.filter(({ name }) => name === wanted);
  const [first] = named;
  if (!first) return `no service has the id or name "${excerpt(wanted)}"; ${registeredServices(wanted, services)}`;
  const newest = named.reduce((a, b) => (b.updatedAt > a.updatedAt ? b : a), first);
  const other = named.find(({ schema }) => !sameJson(schema, newest.schema));
  if (!other) return newest;
  return (
    `"${wanted}" is registered ${named.length} times with different schemas: ${newest.id} (the newest) and ${other.id} ` +
    `differ at ${differences(newest.schema, other.schema).join(', ')}; use the id of the intended one`
  );
}

function registeredServices(wanted: string, services: readonly PlannableService[]): string {
  if (services.length === 0) return 'none is registered in this project';
  return `registered are: ${nearestNames([...new Set(services.map(({ name }) => name))], wanted)}`;
}

export function resolveTask({ id, input }: PlanTask, service: PlannableService): ResolvedTask {
  return {
    id,
    serviceId: service.id,
    serviceName: service.name,
    capability: service.description,
    input,
    dependsOn: dependenciesOf(input),
    inputSpec: service.schema.input,
    outputSpec: service.schema.output,
    revertible: service.revertible,
    timeoutMs: service.timeoutMs,
  };
}
