/** Services: registration and its checks, and the versions of a service. */
import { type Clock } from '@orra-ts/common';
import {
  GO_ERROR_MESSAGES,
  JSON_SCHEMA_MAX_BYTES,
  mintServiceId,
  nameProblem,
  schemaProblems,
  type JsonSchemas,
  type RandomBytes,
  type ServiceKind,
  type ServiceRegistration,
  type ServiceSchema,
} from '@orra-ts/protocol';
import { excerpt } from '../domain/excerpt';
import { PROJECT_SERVICES_MAX } from '../domain/limits';
import { engineError } from '../errors';
import type { Catalog, Project, RegisteredService } from '../catalog/catalog';
import { checkRoom, checkServiceLimits } from './check-limits';

export class ServiceRegistry {
  constructor(
    private readonly catalog: Catalog,
    private readonly clock: Clock,
    private readonly random: RandomBytes,
  ) {}

  /** Undefined if the project has no such service. */
  get(project: Project, id: string): RegisteredService | undefined {
    return this.catalog.service(project.id, id);
  }

  list(project: Project): readonly RegisteredService[] {
    return this.catalog.services(project.id);
  }

  /**
   * Registers a service, or the next version of one that is known by the id or, with `identity: 'name'`, by the name.
   *
   * @throws OrraError `ORRA_UNKNOWN_SERVICE`, `ORRA_INVALID_SERVICE`, `ORRA_LIMIT_EXCEEDED`
   */
  async register(project: Project, kind: ServiceKind, body: ServiceRegistration): Promise<RegisteredService> {
    const wantedId = body.id?.trim() ?? '';
    const known = wantedId === '' ? this.byName(project, body) : this.catalog.service(project.id, wantedId);
    if (wantedId !== '' && !known) {
      // SDKs match this message: they drop the id and register anew.
      const text = GO_ERROR_MESSAGES.unknownService(wantedId);
      throw engineError('ORRA_UNKNOWN_SERVICE', text, { details: { id: wantedId } });
    }
    checkServiceLimits(body);
    const problems = registrationProblems(body);
    if (problems.length > 0) {
      const text = problems.map(({ field, message }) => `${field}: INVALID(${message})`).join(', ');
      throw engineError('ORRA_INVALID_SERVICE', `${GO_ERROR_MESSAGES.invalidServicePrefix}: ${text}`, {
        details: { problems },
      });
    }
    if (!known) checkRoom('services', this.catalog.serviceCount(project.id), PROJECT_SERVICES_MAX);
    const now = this.clock.now();
    const service: RegisteredService = {
      id: known?.id ?? mintServiceId(this.random),
      projectId: project.id,
      kind,
      name: body.name ?? '',
      description: body.description ?? '',
      schema: body.schema as unknown as ServiceSchema,
      jsonSchema: boundedSchemas(body.jsonSchema),
      leftToService: body.leftToService
        ?.slice(0, MAX_SENTENCES)
        .map((sentence) => excerpt(sentence, MAX_SENTENCE_LENGTH)),
      revertible: body.revertible ?? false,
      version: (known?.version ?? 0) + 1,
      capabilities: body.capabilities ?? [],
      timeoutMs: body.timeoutMs || undefined,
      revertTtlMs: body.revertTtlMs || undefined,
      createdAt: known?.createdAt ?? now,
      updatedAt: now,
    };
    await this.catalog.putService(service);
    return service;
  }

  private byName(project: Project, body: ServiceRegistration): RegisteredService | undefined {
    if (body.identity !== 'name' || !body.name) return undefined;
    return this.catalog.servicesByName(project.id, body.name)[0];
  }
}

/** Bounds for what a list of services shows (E8). */
const MAX_SENTENCES = 50;
const MAX_SENTENCE_LENGTH = 300;

/** A schema that is too large would fill the prompts; the planner then sees only the subset. */
const boundedSchemas = (schemas: JsonSchemas | null | undefined): JsonSchemas | undefined =>
  schemas && Buffer.byteLength(JSON.stringify(schemas)) <= JSON_SCHEMA_MAX_BYTES ? schemas : undefined;

function registrationProblems(body: ServiceRegistration): { field: string; message: string }[] {
  const problems: { field: string; message: string }[] = [];
  const wrongName = nameProblem(body.name ?? '');
  if (wrongName) problems.push({ field: 'name', message: wrongName });
  if (!body.description) problems.push({ field: 'description', message: 'cannot be empty' });
  for (const { path, message } of schemaProblems(body.schema)) problems.push({ field: path, message });
  return problems;
}
