/** Registration of projects and services: protocol page, sections 1.4 and 2. */
import { OrraError, type Clock } from '@orra-ts/common';
import {
  DEFAULT_PROJECT_SETTINGS,
  mintApiKey,
  mintProjectId,
  mintServiceId,
  mintShortId,
  nameProblem,
  schemaProblems,
  type ProjectRegistration,
  type ProjectSettingsBody,
  type RandomBytes,
  type ServiceKind,
  type ServiceRegistration,
  type ServiceSchema,
} from '@orra-ts/protocol';
import type { Catalog, Project, RegisteredService, StoredWebhook } from '../catalog/catalog';
import { mintWebhookSecret } from '../webhooks/signature';
import type { TargetPolicy } from '../webhooks/target-policy';
import { excerpt } from '../domain/excerpt';
import type { WebhookKind } from '../domain/orchestration/webhooks';

/** Of a project and a kind: every message goes to each of them (E8). */
const MAX_WEBHOOKS = 32;
const LONGEST_URL = 2048;

export class Registrar {
  constructor(
    private readonly catalog: Catalog,
    private readonly clock: Clock,
    private readonly random: RandomBytes,
    private readonly webhookTargets: TargetPolicy,
  ) {}

  async registerProject(body: ProjectRegistration): Promise<{ project: Project; apiKey: string }> {
    for (const list of [body.webhooks, body.compensationFailureWebhooks]) {
      if ((list?.length ?? 0) > MAX_WEBHOOKS) {
        throw new OrraError('ORRA_WEBHOOK_INVALID', `webhooks: more than ${MAX_WEBHOOKS} of a kind`);
      }
    }
    const now = this.clock.now();
    const project: Project = {
      id: mintProjectId(this.random),
      name: body.name ?? '',
      webhooks: body.webhooks ?? [],
      compensationFailureWebhooks: body.compensationFailureWebhooks ?? [],
      settings: { ...DEFAULT_PROJECT_SETTINGS, ...body.settings },
      createdAt: now,
      updatedAt: now,
    };
    const apiKey = mintApiKey(this.random);
    await this.catalog.addProject(project, [apiKey, ...(body.additionalAPIKeys ?? [])]);
    return { project, apiKey };
  }

  /** Settings that are not among the changes stay as they are. */
  async configureProject({ id }: Project, changes: ProjectSettingsBody): Promise<Project> {
    // As it is now: the one at hand may be from before somebody else's change.
    const project = this.catalog.project(id);
    if (!project) throw new OrraError('ORRA_PROJECT_UNKNOWN', `There is no project ${id}.`);
    const changed = { ...project, settings: { ...project.settings, ...changes }, updatedAt: this.clock.now() };
    await this.catalog.updateProject(changed);
    return changed;
  }

  /** @throws OrraError `ORRA_WEBHOOK_INVALID` */
  async addWebhook(project: Project, kind: WebhookKind, url: string): Promise<StoredWebhook> {
    const problem = this.webhookProblem(project, kind, url);
    if (problem) throw new OrraError('ORRA_WEBHOOK_INVALID', problem, { details: { url } });
    const webhook: StoredWebhook = {
      id: `w_${mintShortId(this.random)}`,
      projectId: project.id,
      kind,
      url,
      secret: mintWebhookSecret(this.random),
      createdAt: this.clock.now(),
    };
    await this.catalog.addWebhook(webhook);
    return webhook;
  }

  private webhookProblem(project: Project, kind: WebhookKind, url: string): string | undefined {
    // In the original's words.
    if (!URL.canParse(url)) return `parse ${JSON.stringify(excerpt(url, 200))}: invalid URI for request`;
    const parsed = new URL(url);
    if ((parsed.protocol !== 'http:' && parsed.protocol !== 'https:') || url.length > LONGEST_URL) {
      return `url: give an http or https URL of at most ${LONGEST_URL} characters`;
    }
    if (this.catalog.webhooks(project.id, kind).length >= MAX_WEBHOOKS) {
      return `the project has ${MAX_WEBHOOKS} webhooks of this kind already, which is the most`;
    }
    return this.webhookTargets.problemOf(parsed);
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

  private byName(project: Project, body: ServiceRegistration): RegisteredService | undefined {
    if (body.identity !== 'name' || !body.name) return undefined;
    return this.catalog.servicesByName(project.id, body.name)[0];
  }
}

function registrationProblems(body: ServiceRegistration): { field: string; message: string }[] {
  const problems: { field: string; message: string }[] = [];
  const wrongName = nameProblem(body.name ?? '');
  if (wrongName) problems.push({ field: 'name', message: wrongName });
  if (!body.description) problems.push({ field: 'description', message: 'cannot be empty' });
  for (const { path, message } of schemaProblems(body.schema)) problems.push({ field: path, message });
  return problems;
}
