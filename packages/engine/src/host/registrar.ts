/** Registration of projects, services and defined plans: protocol page, sections 1.4 and 2. */
import { OrraError, type Clock } from '@orra-ts/common';
import {
  mintApiKey,
  mintProjectId,
  mintServiceId,
  nameProblem,
  schemaProblems,
  type DefinedPlan,
  type ProjectRegistration,
  type RandomBytes,
  type ServiceKind,
  type ServiceRegistration,
  type ServiceSchema,
} from '@orra-ts/protocol';
import type { Catalog, Project, RegisteredService, StoredPlan } from '../catalog/catalog';
import { describeProblems, planFormProblems, sameJson } from '../domain/plan-validation';

export class Registrar {
  constructor(
    private readonly catalog: Catalog,
    private readonly clock: Clock,
    private readonly random: RandomBytes,
  ) {}

  async registerProject(body: ProjectRegistration): Promise<{ project: Project; apiKey: string }> {
    const now = this.clock.now();
    const project: Project = {
      id: mintProjectId(this.random),
      name: body.name ?? '',
      webhooks: body.webhooks ?? [],
      compensationFailureWebhooks: body.compensationFailureWebhooks ?? [],
      createdAt: now,
      updatedAt: now,
    };
    const apiKey = mintApiKey(this.random);
    await this.catalog.addProject(project, [apiKey, ...(body.additionalAPIKeys ?? [])]);
    return { project, apiKey };
  }

  async addApiKey(project: Project): Promise<string> {
    const apiKey = mintApiKey(this.random);
    await this.catalog.addApiKey(project.id, apiKey);
    return apiKey;
  }

  async registerService(project: Project, kind: ServiceKind, body: ServiceRegistration): Promise<RegisteredService> {
    const wantedId = body.id?.trim() ?? '';
    const known = wantedId === '' ? this.byName(project, body) : this.catalog.service(project.id, wantedId);
    if (wantedId !== '' && !known) {
      // SDKs match this text: they forget the id and register anew.
      const text = `service with key ${wantedId} not found: service not found`;
      throw new OrraError('ORRA_SERVICE_UNKNOWN', text, { details: { id: wantedId } });
    }
    const problems = registrationProblems(body);
    if (problems.length > 0) {
      const text = problems.map(({ field, message }) => `${field}: INVALID(${message})`).join(', ');
      throw new OrraError('ORRA_SERVICE_INVALID', `service validation error: ${text}`, { details: { problems } });
    }
    const now = this.clock.now();
    const service: RegisteredService = {
      id: known?.id ?? mintServiceId(this.random),
      projectId: project.id,
      kind,
      name: body.name ?? '',
      description: body.description ?? '',
      schema: body.schema as unknown as ServiceSchema,
      revertible: body.revertible ?? false,
      version: (known?.version ?? 0) + 1,
      capabilities: body.capabilities ?? [],
      ...(body.timeoutMs ? { timeoutMs: body.timeoutMs } : {}),
      createdAt: known?.createdAt ?? now,
      updatedAt: now,
    };
    await this.catalog.putService(service);
    return service;
  }

  async registerPlan(project: Project, { name, action, description, input, plan }: DefinedPlan): Promise<StoredPlan> {
    const problems = planFormProblems(plan);
    const wrongName = nameProblem(name);
    if (wrongName) problems.unshift({ field: 'name', message: wrongName });
    if (problems.length > 0) {
      const text = `the plan "${name}" cannot be registered: ${describeProblems(problems)}`;
      throw new OrraError('ORRA_PLAN_INVALID', text, { details: { problems } });
    }
    const form = { name, action, ...(description === undefined ? {} : { description }), input, plan };
    const known = this.catalog.plans(project.id).find((candidate) => candidate.name === name);
    if (known && sameJson(contentOf(known), contentOf(form))) return known;
    const stored = { ...form, projectId: project.id, version: (known?.version ?? 0) + 1, createdAt: this.clock.now() };
    await this.catalog.putPlan(stored);
    return stored;
  }

  private byName(project: Project, body: ServiceRegistration): RegisteredService | undefined {
    if (body.identity !== 'name' || !body.name) return undefined;
    return this.catalog.servicesByName(project.id, body.name)[0];
  }
}

const contentOf = ({ action, description, input, plan }: DefinedPlan): unknown => ({
  action,
  description: description ?? null,
  input,
  plan,
});

function registrationProblems(body: ServiceRegistration): { field: string; message: string }[] {
  const problems: { field: string; message: string }[] = [];
  const wrongName = nameProblem(body.name ?? '');
  if (wrongName) problems.push({ field: 'name', message: wrongName });
  if (!body.description) problems.push({ field: 'description', message: 'cannot be empty' });
  for (const { path, message } of schemaProblems(body.schema)) problems.push({ field: path, message });
  return problems;
}
