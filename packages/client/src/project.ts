/** Projects, and the settings, API keys and webhooks of the API key's project. */
import {
  type ProjectRegistered,
  ProjectRegisteredSchema,
  type ProjectSettings,
  type ProjectSettingsBody,
  parseValue,
} from '@orra-ts/protocol';
import { type EngineHttp, expectBody, expectMembers } from './engine-http';

export interface NewProject {
  readonly name: string;
  /** URLs that the engine calls when an orchestration ends. The Go engine rejects submissions of a project without one. */
  readonly webhooks?: readonly string[];
  /** URLs that the engine calls when a compensation fails permanently. */
  readonly compensationFailureWebhooks?: readonly string[];
  /** Additional API keys that you choose, beside the one that the engine creates. */
  readonly additionalAPIKeys?: readonly string[];
  /** Settings that differ from the defaults. The Go engine ignores them. */
  readonly settings?: Partial<ProjectSettings>;
}

export interface NewApiKey {
  /** The engine returns the key only once. Store it. */
  readonly apiKey: string;
}

export interface Webhook {
  readonly url: string;
  /** Secret that signs the requests to this URL (Standard Webhooks). Returned only once; the Go engine returns none. */
  readonly secret?: string;
}

export class ProjectsApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /** Creates a project and its first API key. Does not need an API key. */
  async register(project: NewProject): Promise<ProjectRegistered> {
    return expectBody(
      await this.http.send({ method: 'POST', path: '/register/project', body: project, authenticated: false }),
      (body) => parseValue(ProjectRegisteredSchema, body),
    );
  }
}

/** The project of the API key. */
export class ProjectApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /** Returns the settings. @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without settings, such as the Go engine */
  async settings(): Promise<ProjectSettings> {
    return expectMembers<ProjectSettings>(await this.http.send({ method: 'GET', path: '/settings' }), ['groundings']);
  }

  /**
   * Changes the given settings. They apply to everything that is planned from now on. Other settings stay unchanged.
   *
   * @returns all settings
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` when a setting is unknown; `details.param` names it
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without settings, such as the Go engine
   * @example
   * await orra.project.configure({ groundings: 'strict' });
   */
  async configure(changes: ProjectSettingsBody): Promise<ProjectSettings> {
    const response = await this.http.send({ method: 'PUT', path: '/settings', body: changes });
    return expectMembers<ProjectSettings>(response, ['groundings']);
  }
}

/** API keys of the project. */
export class KeysApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /** Creates another API key with the same permissions. Engines do not list or revoke keys. */
  async create(): Promise<NewApiKey> {
    return expectMembers<NewApiKey>(await this.http.send({ method: 'POST', path: '/apikeys' }), ['apiKey']);
  }
}

/** URLs that the engine calls. A URL that is added twice is called twice. Engines do not list or remove them. */
export class WebhooksApi {
  /** @internal */
  constructor(
    private readonly http: EngineHttp,
    private readonly path: '/webhooks' | '/compensation-failure-webhooks',
  ) {}

  /**
   * Adds a URL to the project.
   *
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` when the engine does not accept the URL
   */
  async add(url: string): Promise<Webhook> {
    return expectMembers<Webhook>(await this.http.send({ method: 'POST', path: this.path, body: { url } }), ['url']);
  }
}
