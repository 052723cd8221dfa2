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
  /** What the engine says of itself; absent when something in between removed it. */
  readonly version?: string;
}

/** A Plan Engine over HTTP, ours or the Go engine. It holds nothing open and needs no closing. */
export class OrraClient {
  /** Address of the engine, without a trailing slash. */
  readonly url: string;
  readonly projects: ProjectsApi;
  /** That of the key. */
  readonly project: ProjectApi;
  readonly keys: KeysApi;
  /** Called when an orchestration ends. */
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
   * Begins a submission: `orra.action('Process order').with({ orderId }).submit()`.
   *
   * @param content what shall be done, in words; on our engine also the action text of a defined plan
   */
  action(content: string): ActionBuilder {
    if (typeof content !== 'string' || content.trim() === '') {
      throw new OrraInvalidRequestError('action(): must not be empty; describe the work, such as `Process order`');
    }
    return new ActionBuilder({ action: { type: 'action', content } }, this.orchestrations);
  }

  /**
   * What happens in the whole project, as it happens: every orchestration, without an end. Goes on by itself after a lost
   * connection; in another process, with the `id` of the last event seen.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without events, such as the Go engine
   * @throws OrraError `ORRA_UNREACHABLE` when the engine has not answered for a minute
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<EngineEvent> {
    return this.streams.ofProject(options);
  }

  /** Resolves when the engine answers. Needs no key. @throws OrraError `ORRA_UNREACHABLE` */
  async health(): Promise<EngineHealth> {
    const { headers } = await this.http.send({ method: 'GET', path: '/health', authenticated: false });
    return { status: 'ok', version: headers[VERSION_HEADER.toLowerCase()] };
  }
}

/**
 * @throws OrraError `ORRA_MISSING_OPTION` when neither `url` nor ORRA_URL is given, `ORRA_INVALID_OPTION` when it is no
 * HTTP address. A missing key is reported by the first call that needs one.
 */
export const createOrraClient = (options: OrraClientOptions = {}): OrraClient => new OrraClient(options);
