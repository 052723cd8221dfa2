/** What belongs to the key's project as a whole: further keys and webhooks; and projects themselves. */
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
  /** Called when an orchestration ends. The Go engine refuses submissions of a project without one. */
  readonly webhooks?: readonly string[];
  /** Called when a compensation is given up. */
  readonly compensationFailureWebhooks?: readonly string[];
  /** Keys of your own making, beside the one that the engine makes. */
  readonly additionalAPIKeys?: readonly string[];
  /** Our engine: those that shall differ from the defaults. The Go engine ignores them. */
  readonly settings?: Partial<ProjectSettings>;
}

export interface NewApiKey {
  /** Shown this once: keep it. */
  readonly apiKey: string;
}

export interface Webhook {
  readonly url: string;
  /** Our engine: what it signs its posts with (Standard Webhooks). Shown this once: keep it where they are received. */
  readonly secret?: string;
}

export class ProjectsApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /** Makes a project with a key of its own. Needs no key. */
  async register(project: NewProject): Promise<ProjectRegistered> {
    return expectBody(
      await this.http.send({ method: 'POST', path: '/register/project', body: project, authenticated: false }),
      (body) => parseValue(ProjectRegisteredSchema, body),
    );
  }
}

/** The key's project. */
export class ProjectApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /** @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without settings, such as the Go engine */
  async settings(): Promise<ProjectSettings> {
    return expectMembers<ProjectSettings>(await this.http.send({ method: 'GET', path: '/settings' }), ['groundings']);
  }

  /**
   * Changes the settings that are given, for whatever is planned from now on; the others stay as they are.
   *
   * @returns all of them
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` when the engine does not know one; `details.param` says which
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without settings, such as the Go engine
   * @example
   * await orra.project.configure({ groundings: 'strict' });
   */
  async configure(changes: ProjectSettingsBody): Promise<ProjectSettings> {
    const reply = await this.http.send({ method: 'PUT', path: '/settings', body: changes });
    return expectMembers<ProjectSettings>(reply, ['groundings']);
  }
}

/** Keys of the project. */
export class KeysApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /** Makes a further key, with the same power as the one that asks. No engine lists or revokes keys. */
  async create(): Promise<NewApiKey> {
    return expectMembers<NewApiKey>(await this.http.send({ method: 'POST', path: '/apikeys' }), ['apiKey']);
  }
}

/** Addresses that the engine calls; one added twice is called twice. No engine lists or removes them. */
export class WebhooksApi {
  /** @internal */
  constructor(
    private readonly http: EngineHttp,
    private readonly path: '/webhooks' | '/compensation-failure-webhooks',
  ) {}

  /**
   * Adds an address to the project.
   *
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` when the engine cannot call it
   */
  async add(url: string): Promise<Webhook> {
    return expectMembers<Webhook>(await this.http.send({ method: 'POST', path: this.path, body: { url } }), ['url']);
  }
}
