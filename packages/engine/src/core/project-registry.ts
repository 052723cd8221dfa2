/** Projects: registration, settings, API keys and webhooks. */
import { parseHttpUrl, type Clock } from '@orra-ts/common';
import {
  DEFAULT_PROJECT_SETTINGS,
  mintApiKey,
  mintProjectId,
  mintShortId,
  type ProjectRegistration,
  type ProjectSettingsBody,
  type RandomBytes,
} from '@orra-ts/protocol';
import { engineError } from '../errors';
import type { Catalog, Project, StoredWebhook } from '../catalog/catalog';
import { mintWebhookSecret } from '../webhooks/signature';
import type { TargetPolicy } from '../webhooks/target-policy';
import { excerpt } from '../domain/excerpt';
import type { WebhookKind } from '../domain/orchestration/webhooks';

/** Maximum webhooks per project and kind: every message is sent to each of them (E8). */
const MAX_WEBHOOKS = 32;
const LONGEST_URL = 2048;

export class ProjectRegistry {
  constructor(
    private readonly catalog: Catalog,
    private readonly clock: Clock,
    private readonly random: RandomBytes,
    private readonly webhookTargets: TargetPolicy,
  ) {}

  async register(body: ProjectRegistration): Promise<{ project: Project; apiKey: string }> {
    for (const list of [body.webhooks, body.compensationFailureWebhooks]) {
      if ((list?.length ?? 0) > MAX_WEBHOOKS) {
        throw engineError('ORRA_INVALID_WEBHOOK', `webhooks: at most ${MAX_WEBHOOKS} of a kind are allowed`);
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

  /** Changes only the settings that are named. */
  async configure({ id }: Project, changes: ProjectSettingsBody): Promise<Project> {
    // The stored project: the given one may be older than another request's change.
    const project = this.catalog.project(id);
    if (!project) throw engineError('ORRA_UNKNOWN_PROJECT', `the project ${id} does not exist`);
    const changed = { ...project, settings: { ...project.settings, ...changes }, updatedAt: this.clock.now() };
    await this.catalog.updateProject(changed);
    return changed;
  }

  /**
   * The webhook that it resolves with contains the secret that signs its messages; it is shown only once.
   *
   * @throws OrraError `ORRA_INVALID_WEBHOOK`
   */
  async addWebhook(project: Project, kind: WebhookKind, url: string): Promise<StoredWebhook> {
    const problem = this.webhookProblem(project, kind, url);
    if (problem) throw engineError('ORRA_INVALID_WEBHOOK', problem, { details: { url } });
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
    // The Go engine's message.
    if (!URL.canParse(url)) return `parse ${JSON.stringify(excerpt(url, 200))}: invalid URI for request`;
    const parsed = parseHttpUrl(url);
    if (!parsed || url.length > LONGEST_URL) {
      return `url: must be an http or https URL of at most ${LONGEST_URL} characters`;
    }
    if (this.catalog.webhooks(project.id, kind).length >= MAX_WEBHOOKS) {
      return `the project has ${MAX_WEBHOOKS} webhooks of this kind, the maximum; remove one first`;
    }
    return this.webhookTargets.problemOf(parsed);
  }

  byKey(apiKey: string): Project | undefined {
    return this.catalog.projectByKey(apiKey);
  }

  async addApiKey(project: Project): Promise<string> {
    const apiKey = mintApiKey(this.random);
    await this.catalog.addApiKey(project.id, apiKey);
    return apiKey;
  }
}
