/** What plans are made of: services and agents, and plans defined in code. */
import {
  type DefinedPlan,
  type DefinedPlanView,
  type ServiceKind,
  type ServiceRegistered,
  ServiceRegisteredSchema,
  type ServiceRegistration,
  type ServiceView,
  parseValue,
} from '@orra-ts/protocol';
import { type EngineHttp, expectBody, expectList, pathSegment } from './engine-http';

/** Services and agents of the key's project. */
export class ServicesApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /**
   * Registers a service or agent, or updates the one whose id is given. Applications leave this to the SDK.
   *
   * @throws OrraUnknownServiceError `ORRA_UNKNOWN_SERVICE` when the id is of another engine or project
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` when name, description or schema break the rules
   */
  async register(registration: ServiceRegistration, kind: ServiceKind = 'service'): Promise<ServiceRegistered> {
    return expectBody(await this.http.send({ method: 'POST', path: `/register/${kind}`, body: registration }), (body) =>
      parseValue(ServiceRegisteredSchema, body),
    );
  }

  /**
   * Every service and agent, with the number of its open connections.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on the Go engine, which does not tell
   */
  async list(): Promise<readonly ServiceView[]> {
    return expectList<ServiceView>(await this.http.send({ method: 'GET', path: '/services' }), ['id', 'name']);
  }
}

/** Plans defined in code, of the key's project. */
export class PlansApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /**
   * Gives the engine a plan defined in code; other content under a known name becomes its next version.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
   */
  async register(plan: DefinedPlan): Promise<void> {
    await this.http.send({ method: 'PUT', path: `/plans/${pathSegment(plan.name, 'name of the plan')}`, body: plan });
  }

  /** @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine */
  async list(): Promise<readonly DefinedPlanView[]> {
    return expectList<DefinedPlanView>(await this.http.send({ method: 'GET', path: '/plans' }), ['name', 'action']);
  }
}
