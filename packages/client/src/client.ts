import {
  type DefinedPlan,
  type ProjectRegistered,
  ProjectRegisteredSchema,
  type ServiceKind,
  type ServiceRegistered,
  ServiceRegisteredSchema,
  type ServiceRegistration,
  VERSION_HEADER,
  parseValue,
} from '@orra-ts/protocol';
import { ActionBuilder } from './action';
import { EngineHttp, expectBody } from './engine-http';
import { OrraInvalidRequestError } from './errors';
import { OrchestrationsApi } from './orchestrations';
import { type OrraClientOptions, resolveOrraClientOptions } from './options';

export interface NewProject {
  readonly name: string;
  /** Called when an orchestration ends. The Go engine refuses submissions of a project without one. */
  readonly webhooks?: readonly string[];
  /** Called when a compensation is given up. */
  readonly compensationFailureWebhooks?: readonly string[];
}

export interface EngineHealth {
  readonly status: 'ok';
  /** What the engine says of itself; absent when something in between removed it. */
  readonly version?: string;
}

/** A Plan Engine over HTTP, ours or the Go engine. It holds nothing open and needs no closing. */
export class OrraClient {
  /** Address of the engine, without a trailing slash. */
  readonly url: string;
  readonly orchestrations: OrchestrationsApi;
  readonly projects: {
    /** Makes a project with a key of its own. Needs no key. */
    register(project: NewProject): Promise<ProjectRegistered>;
  };
  readonly services: {
    /**
     * Registers a service or agent, or updates the one whose id is given. Applications leave this to the SDK.
     *
     * @throws OrraUnknownServiceError `ORRA_UNKNOWN_SERVICE` when the id is of another engine or project
     * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` when name, description or schema break the rules
     */
    register(registration: ServiceRegistration, kind?: ServiceKind): Promise<ServiceRegistered>;
  };
  readonly plans: {
    /**
     * Gives the engine a plan defined in code; one of the same name is replaced.
     *
     * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
     */
    register(plan: DefinedPlan): Promise<void>;
  };

  private readonly http: EngineHttp;

  /** @internal use `createOrraClient(…)` */
  constructor(options: OrraClientOptions) {
    const resolved = resolveOrraClientOptions(options);
    const http = new EngineHttp(resolved);
    this.http = http;
    this.url = resolved.url;
    this.orchestrations = new OrchestrationsApi(http, resolved);
    this.projects = {
      register: async (project) =>
        expectBody(
          await http.send({ method: 'POST', path: '/register/project', body: project, authenticated: false }),
          (body) => parseValue(ProjectRegisteredSchema, body),
        ),
    };
    this.services = {
      register: async (registration, kind = 'service') =>
        expectBody(await http.send({ method: 'POST', path: `/register/${kind}`, body: registration }), (body) =>
          parseValue(ServiceRegisteredSchema, body),
        ),
    };
    this.plans = {
      register: async (plan) => {
        await http.send({ method: 'POST', path: '/plans', body: plan });
      },
    };
  }

  /**
   * Begins a submission: `orra.action('Process order').with({ orderId }).submit()`.
   *
   * @param content what shall be done, in words; on our engine also the action text of a defined plan
   */
  action(content: string): ActionBuilder {
    if (typeof content !== 'string' || content.trim() === '') {
      throw new OrraInvalidRequestError('action(): say what shall be done, such as `Process order`');
    }
    return new ActionBuilder({ action: { type: 'action', content } }, (submission) =>
      this.orchestrations.submit(submission),
    );
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
