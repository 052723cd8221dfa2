/** The catalog that plans are made from: services, agents and defined plans. */
import {
  type DefinedPlan,
  type DefinedPlanDetails,
  type DefinedPlanView,
  type PlanRegisteredView,
  type ServiceKind,
  type ServiceRegistered,
  ServiceRegisteredSchema,
  type ServiceRegistration,
  type ServiceView,
  parseValue,
} from '@orra-ts/protocol';
import { type EngineHttp, expectBody, expectList, expectMembers, pathSegment } from './engine-http';

/** Services and agents of the API key's project. */
export class ServicesApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /**
   * Registers a service or agent, or updates the one with the given id. Applications leave this to the SDK.
   *
   * @throws OrraUnknownServiceError `ORRA_UNKNOWN_SERVICE` when the id belongs to another engine or project
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` when the name, description or schema is invalid
   */
  async register(registration: ServiceRegistration, kind: ServiceKind = 'service'): Promise<ServiceRegistered> {
    return expectBody(await this.http.send({ method: 'POST', path: `/register/${kind}`, body: registration }), (body) =>
      parseValue(ServiceRegisteredSchema, body),
    );
  }

  /**
   * Lists every service and agent, with the number of its open connections.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on the Go engine
   */
  async list(): Promise<readonly ServiceView[]> {
    return expectList<ServiceView>(await this.http.send({ method: 'GET', path: '/services' }), ['id', 'name']);
  }
}

/** Defined plans of the API key's project. They are written in code or in files, and run when an action matches them. */
export class PlansApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /**
   * Registers a plan. Different content under a known name becomes the next version, and so does the same content for
   * services that have changed. `unchanged` is true in neither case.
   *
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST`, with each problem in `details.problems`
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
   */
  async register(plan: DefinedPlan): Promise<PlanRegisteredView> {
    // The members are informational. An engine that omits them has still accepted the plan.
    return expectMembers(await this.http.send({ method: 'PUT', path: pathOf(plan.name), body: plan }), []);
  }

  /**
   * Lists the newest version of every plan that is not removed, by name, with the problems that prevent it from running.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
   */
  async list(): Promise<readonly DefinedPlanView[]> {
    return expectList<DefinedPlanView>(await this.http.send({ method: 'GET', path: '/plans' }), ['name', 'action']);
  }

  /**
   * Returns a plan, even a removed one, with its versions, newest first.
   *
   * @param options `before`: only versions before this one; a response contains at most 100
   * @throws OrraUnknownPlanError `ORRA_UNKNOWN_PLAN`
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
   */
  async get(name: string, { before }: { readonly before?: number } = {}): Promise<DefinedPlanDetails> {
    const query = before === undefined ? '' : `?before=${before}`;
    return expectMembers(await this.http.send({ method: 'GET', path: `${pathOf(name)}${query}` }), ['name', 'action']);
  }

  /**
   * Removes a plan, so that no action matches it any more. Its versions stay readable, and running orchestrations
   * continue. An application that defines the plan registers it again when it starts. Removing a plan twice is not an
   * error.
   *
   * @throws OrraUnknownPlanError `ORRA_UNKNOWN_PLAN`
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
   */
  async remove(name: string): Promise<void> {
    await this.http.send({ method: 'DELETE', path: pathOf(name) });
  }
}

const pathOf = (name: string): string => `/plans/${pathSegment(name, 'name of the plan')}`;
