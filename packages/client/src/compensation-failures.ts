import type { CompensationFailureView } from '@orra-ts/protocol';
import { type EngineHttp, expectList, expectMembers, pathSegment } from './engine-http';
import { WebhooksApi } from './project';

/** Compensations that were given up, for a person to look at. */
export class CompensationFailuresApi {
  /** Called when a compensation is given up. */
  readonly webhooks: WebhooksApi;

  /** @internal */
  constructor(private readonly http: EngineHttp) {
    this.webhooks = new WebhooksApi(http, '/compensation-failure-webhooks');
  }

  /** All of them, whatever became of them, newest first. */
  async list(): Promise<readonly CompensationFailureView[]> {
    const reply = await this.http.send({ method: 'GET', path: '/compensation-failures' });
    return expectList<CompensationFailureView>(reply, ['id', 'status']);
  }

  /**
   * @throws OrraUnknownCompensationFailureError `ORRA_UNKNOWN_COMPENSATION_FAILURE`
   * @throws OrraUnauthorizedError `ORRA_UNAUTHORIZED` when it belongs to another project
   */
  async inspect(id: string): Promise<CompensationFailureView> {
    return readFailure(await this.http.send({ method: 'GET', path: pathOf(id) }));
  }

  /**
   * Notes that a person has undone what the service could not. Nothing is run. What was resolved or ignored before is
   * overwritten.
   *
   * @throws OrraUnknownCompensationFailureError `ORRA_UNKNOWN_COMPENSATION_FAILURE`
   */
  async resolve(id: string, reason: string): Promise<CompensationFailureView> {
    return readFailure(await this.http.send({ method: 'POST', path: `${pathOf(id)}/resolve`, body: { reason } }));
  }

  /**
   * Notes that nothing has to be undone. Nothing is run.
   *
   * @throws OrraUnknownCompensationFailureError `ORRA_UNKNOWN_COMPENSATION_FAILURE`
   */
  async ignore(id: string, reason: string): Promise<CompensationFailureView> {
    return readFailure(await this.http.send({ method: 'POST', path: `${pathOf(id)}/ignore`, body: { reason } }));
  }

  /**
   * Has the service asked again, with a new round of attempts. The record is `pending` again.
   *
   * @throws OrraUnknownCompensationFailureError `ORRA_UNKNOWN_COMPENSATION_FAILURE`
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on the Go engine, which cannot
   */
  async retry(id: string): Promise<CompensationFailureView> {
    return readFailure(await this.http.send({ method: 'POST', path: `${pathOf(id)}/retry` }));
  }
}

const pathOf = (id: string): string => `/compensation-failures/${pathSegment(id, 'id of a failed compensation')}`;

const readFailure = (reply: Parameters<typeof expectMembers>[0]): CompensationFailureView =>
  expectMembers<CompensationFailureView>(reply, ['id', 'status']);
