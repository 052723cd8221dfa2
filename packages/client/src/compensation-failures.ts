import type { CompensationFailureView } from '@orra-ts/protocol';
import { type EngineHttp, type EngineResponse, expectList, expectMembers, pathSegment } from './engine-http';
import { WebhooksApi } from './project';

/** Compensations that failed permanently, for an operator to handle. */
export class CompensationFailuresApi {
  /** URLs that the engine calls when a compensation fails permanently. */
  readonly webhooks: WebhooksApi;

  /** @internal */
  constructor(private readonly http: EngineHttp) {
    this.webhooks = new WebhooksApi(http, '/compensation-failure-webhooks');
  }

  /** Lists all failed compensations in any resolution state, newest first. */
  async list(): Promise<readonly CompensationFailureView[]> {
    const response = await this.http.send({ method: 'GET', path: '/compensation-failures' });
    return expectList<CompensationFailureView>(response, ['id', 'status']);
  }

  /**
   * @throws OrraUnknownCompensationFailureError `ORRA_UNKNOWN_COMPENSATION_FAILURE`
   * @throws OrraUnauthorizedError `ORRA_UNAUTHORIZED` when it belongs to another project
   */
  async inspect(id: string): Promise<CompensationFailureView> {
    return readFailure(await this.http.send({ method: 'GET', path: pathOf(id) }));
  }

  /**
   * Records that an operator has undone the work. Runs nothing. Replaces an earlier resolution.
   *
   * @throws OrraUnknownCompensationFailureError `ORRA_UNKNOWN_COMPENSATION_FAILURE`
   */
  async resolve(id: string, reason: string): Promise<CompensationFailureView> {
    return readFailure(await this.http.send({ method: 'POST', path: `${pathOf(id)}/resolve`, body: { reason } }));
  }

  /**
   * Records that nothing has to be undone. Runs nothing.
   *
   * @throws OrraUnknownCompensationFailureError `ORRA_UNKNOWN_COMPENSATION_FAILURE`
   */
  async ignore(id: string, reason: string): Promise<CompensationFailureView> {
    return readFailure(await this.http.send({ method: 'POST', path: `${pathOf(id)}/ignore`, body: { reason } }));
  }

  /**
   * Runs the compensation again, with a new series of attempts. The record becomes `pending` again.
   *
   * @throws OrraUnknownCompensationFailureError `ORRA_UNKNOWN_COMPENSATION_FAILURE`
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on the Go engine
   */
  async retry(id: string): Promise<CompensationFailureView> {
    return readFailure(await this.http.send({ method: 'POST', path: `${pathOf(id)}/retry` }));
  }
}

const pathOf = (id: string): string => `/compensation-failures/${pathSegment(id, 'id of a failed compensation')}`;

const readFailure = (response: EngineResponse): CompensationFailureView =>
  expectMembers<CompensationFailureView>(response, ['id', 'status']);
