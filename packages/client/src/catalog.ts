/** What plans are made of: services and agents, and plans defined in code. */
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

/** Defined plans of the key's project: written in code or in files, and run whenever an action matches their text. */
export class PlansApi {
  /** @internal */
  constructor(private readonly http: EngineHttp) {}

  /**
   * Gives the engine a plan. Other content under a known name becomes its next version, and so does the same content for
   * services that have changed; `unchanged` says that neither was the case.
   *
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST`, with what is wrong, one by one, in `details.problems`
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
   */
  async register(plan: DefinedPlan): Promise<PlanRegisteredView> {
    // What an engine says beside yes is for people: one that says less has taken the plan all the same.
    return expectMembers(await this.http.send({ method: 'PUT', path: pathOf(plan.name), body: plan }), []);
  }

  /**
   * The newest version of every plan that is not removed, by name, with what keeps it from running.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
   */
  async list(): Promise<readonly DefinedPlanView[]> {
    return expectList<DefinedPlanView>(await this.http.send({ method: 'GET', path: '/plans' }), ['name', 'action']);
  }

  /**
   * A plan, removed or not, with its versions, newest first.
   *
   * @param options `before`: only versions before this one; an answer has at most 100
   * @throws OrraUnknownPlanError `ORRA_UNKNOWN_PLAN`
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
   */
  async get(name: string, { before }: { readonly before?: number } = {}): Promise<DefinedPlanDetails> {
    const query = before === undefined ? '' : `?before=${before}`;
    return expectMembers(await this.http.send({ method: 'GET', path: `${pathOf(name)}${query}` }), ['name', 'action']);
  }

  /**
   * Removes a plan: no action matches it any more. Its versions stay readable, and what runs goes on. An application that
   * defines it registers it again when it starts. What is removed already is no error.
   *
   * @throws OrraUnknownPlanError `ORRA_UNKNOWN_PLAN`
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without plans, such as the Go engine
   */
  async remove(name: string): Promise<void> {
    await this.http.send({ method: 'DELETE', path: pathOf(name) });
  }
}

const pathOf = (name: string): string => `/plans/${pathSegment(name, 'name of the plan')}`;
