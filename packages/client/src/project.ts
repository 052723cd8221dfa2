/** What belongs to the key's project as a whole: further keys and webhooks; and projects themselves. */
import { type ProjectRegistered, ProjectRegisteredSchema, parseValue } from '@orra-ts/protocol';
import { type EngineHttp, expectBody, expectMembers } from './engine-http';

export interface NewProject {
  readonly name: string;
  /** Called when an orchestration ends. The Go engine refuses submissions of a project without one. */
  readonly webhooks?: readonly string[];
  /** Called when a compensation is given up. */
  readonly compensationFailureWebhooks?: readonly string[];
  /** Keys of your own making, beside the one that the engine makes. */
  readonly additionalAPIKeys?: readonly string[];
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
