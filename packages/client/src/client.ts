import { VERSION_HEADER } from '@orra-ts/protocol';
import { ActionBuilder } from './action';
import { PlansApi, ServicesApi } from './catalog';
import { CompensationFailuresApi } from './compensation-failures';
import { EngineHttp } from './engine-http';
import { OrraInvalidRequestError } from './errors';
import { type EngineEvent, EventStreams, type EventsOptions } from './event-stream';
import { GroundingsApi } from './groundings';
import { OrchestrationsApi } from './orchestrations';
import { type OrraClientOptions, resolveOrraClientOptions } from './options';
import { KeysApi, ProjectApi, ProjectsApi, WebhooksApi } from './project';

export interface EngineHealth {
  readonly status: 'ok';
  /** Version that the engine reports; absent when a proxy removed the header. */
  readonly version?: string;
}

/**
 * HTTP client of a Plan Engine: this project's engine or the Go engine. It holds no connection open, so it has no
 * `close()`.
 */
export class OrraClient {
  /** URL of the engine, without a trailing slash. */
  readonly url: string;
  readonly projects: ProjectsApi;
  /** The project of the API key. */
  readonly project: ProjectApi;
  readonly keys: KeysApi;
  /** URLs that the engine calls when an orchestration ends. */
  readonly webhooks: WebhooksApi;
  readonly services: ServicesApi;
  readonly plans: PlansApi;
  readonly groundings: GroundingsApi;
  readonly orchestrations: OrchestrationsApi;
  readonly compensationFailures: CompensationFailuresApi;

  private readonly http: EngineHttp;
  private readonly streams: EventStreams;

  /** @internal use `createOrraClient(…)` */
  constructor(options: OrraClientOptions) {
    const resolved = resolveOrraClientOptions(options);
    const http = new EngineHttp(resolved);
    this.http = http;
    this.url = resolved.url;
    this.streams = new EventStreams(http, resolved);
    this.projects = new ProjectsApi(http);
    this.project = new ProjectApi(http);
    this.keys = new KeysApi(http);
    this.webhooks = new WebhooksApi(http, '/webhooks');
    this.services = new ServicesApi(http);
    this.plans = new PlansApi(http);
    this.groundings = new GroundingsApi(http);
    this.orchestrations = new OrchestrationsApi(http, this.streams, resolved);
    this.compensationFailures = new CompensationFailuresApi(http);
  }

  /**
   * Starts building a submission: `orra.action('Process order').with({ orderId }).submit()`.
   *
   * @param content describes the work in words; an action that matches a defined plan runs that plan
   */
  action(content: string): ActionBuilder {
    if (typeof content !== 'string' || content.trim() === '') {
      throw new OrraInvalidRequestError('action(): must not be empty; describe the work, such as `Process order`');
    }
    return new ActionBuilder({ action: { type: 'action', content } }, this.orchestrations);
  }

  /**
   * Streams the events of every orchestration of the project, without an end. Reconnects after a lost connection.
   * Another process can continue with the `id` of the last event.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without events, such as the Go engine
   * @throws OrraError `ORRA_UNREACHABLE` when the engine has not responded for a minute
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<EngineEvent> {
    return this.streams.forProject(options);
  }

  /** Resolves when the engine responds. Does not need an API key. @throws OrraError `ORRA_UNREACHABLE` */
  async health(): Promise<EngineHealth> {
    const { headers } = await this.http.send({ method: 'GET', path: '/health', authenticated: false });
    return { status: 'ok', version: headers[VERSION_HEADER.toLowerCase()] };
  }
}

/**
 * Creates a client. It does not use the network.
 *
 * @throws OrraError `ORRA_MISSING_OPTION` when neither `url` nor ORRA_URL is set, `ORRA_INVALID_OPTION` when it is not
 * an HTTP URL. A missing API key is reported by the first call that needs one.
 */
export const createOrraClient = (options: OrraClientOptions = {}): OrraClient => new OrraClient(options);
