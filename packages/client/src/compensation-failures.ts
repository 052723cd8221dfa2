import type { CompensationFailureKind, CompensationFailureView, ResolutionState } from '@orra-ts/protocol';
import { withoutUndefined } from '@orra-ts/common';
import { type EngineHttp, type EngineResponse, expectList, expectMembers, pathSegment } from './engine-http';
import { WebhooksApi } from './project';

export interface CompensationFailureFilter {
  /** Only records of this kind. The Go engine has only `failed` and `expired`. */
  readonly kind?: CompensationFailureKind;
  /** Only records in this state. */
  readonly resolutionState?: ResolutionState;
}

/** Records for an operator: work that could not be undone, or whose effect is unknown. */
export class CompensationFailuresApi {
  /** URLs that the engine calls when a compensation fails permanently. */
  readonly webhooks: WebhooksApi;

  /** @internal */
  constructor(private readonly http: EngineHttp) {
    this.webhooks = new WebhooksApi(http, '/compensation-failure-webhooks');
  }

  /** Lists the records, newest first. @default records of every kind, in any resolution state */
  async list({ kind, resolutionState }: CompensationFailureFilter = {}): Promise<readonly CompensationFailureView[]> {
    const query = new URLSearchParams(withoutUndefined({ kind, resolution: resolutionState }));
    const path = query.size === 0 ? '/compensation-failures' : `/compensation-failures?${query.toString()}`;
    const records = expectList<CompensationFailureView>(await this.http.send({ method: 'GET', path }), [
      'id',
      'status',
    ]);
    // The Go engine ignores the query.
    return records.filter(
      (record) =>
        (kind === undefined || record.status === kind) &&
        (resolutionState === undefined || record.resolutionState === resolutionState),
    );
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
   * Runs the compensation again, with a new series of attempts. The record becomes `pending` again. A `partial` revert
   * receives its earlier `completed` and `remaining`, if the SDK of its service supports this. A `duplicate` record
   * reverts the second output. For an `in_doubt` record, the service is first asked for the outcome again.
   *
   * @throws OrraInvalidRequestError `ORRA_INVALID_REQUEST` (status 409) when the record cannot be retried now; the
   * message has the reason
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
