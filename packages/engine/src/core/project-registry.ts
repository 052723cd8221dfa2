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
import { PROJECT_KEYS_MAX, PROJECT_WEBHOOKS_MAX, WEBHOOK_URL_MAX_LENGTH } from '../domain/limits';
import type { WebhookKind } from '../domain/orchestration/webhooks';
import { checkAdditionalKeys, checkProjectLimits, checkRoom } from './check-limits';

export class ProjectRegistry {
  constructor(
    private readonly catalog: Catalog,
    private readonly clock: Clock,
    private readonly random: RandomBytes,
    private readonly webhookTargets: TargetPolicy,
  ) {}

  /**
   * Registers a project for a caller without a key. A chosen key that is in use stays with its project, and the response
   * is the same: it must not disclose which keys exist.
   *
   * @throws OrraError `ORRA_LIMIT_EXCEEDED`, `ORRA_INVALID_WEBHOOK`
   */
  async registerForCaller(body: ProjectRegistration): Promise<{ project: Project; apiKey: string }> {
    const keys = body.additionalAPIKeys ?? [];
    checkAdditionalKeys(keys);
    return this.register({ ...body, additionalAPIKeys: keys.filter((key) => this.byKey(key) === undefined) });
  }

  /** @throws OrraError `ORRA_LIMIT_EXCEEDED`, `ORRA_INVALID_WEBHOOK`, `ORRA_API_KEY_TAKEN` */
  async register(body: ProjectRegistration): Promise<{ project: Project; apiKey: string }> {
    checkProjectLimits(body);
    for (const list of [body.webhooks, body.compensationFailureWebhooks]) {
      if ((list?.length ?? 0) > PROJECT_WEBHOOKS_MAX) {
        throw engineError('ORRA_INVALID_WEBHOOK', `webhooks: at most ${PROJECT_WEBHOOKS_MAX} of a kind are allowed`);
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
    if (!parsed || url.length > WEBHOOK_URL_MAX_LENGTH) {
      return `url: must be an http or https URL of at most ${WEBHOOK_URL_MAX_LENGTH} characters`;
    }
    if (this.catalog.webhooks(project.id, kind).length >= PROJECT_WEBHOOKS_MAX) {
      return `the project has ${PROJECT_WEBHOOKS_MAX} webhooks of this kind, the maximum; remove one first`;
    }
    return this.webhookTargets.problemOf(parsed);
  }

  byKey(apiKey: string): Project | undefined {
    return this.catalog.projectByKey(apiKey);
  }

  /** @throws OrraError `ORRA_LIMIT_EXCEEDED` */
  async addApiKey(project: Project): Promise<string> {
    checkRoom('api keys', this.catalog.keyCount(project.id), PROJECT_KEYS_MAX);
    const apiKey = mintApiKey(this.random);
    await this.catalog.addApiKey(project.id, apiKey);
    return apiKey;
  }
}
