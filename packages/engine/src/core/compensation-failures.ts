/** `core.compensationFailures`: the records of compensations that were given up, and what operators do about them. */
import type { Project } from '../catalog/catalog';
import type { FailureFilter, Journal, StoredFailure } from '../journal/journal';
import { engineError } from '../errors';
import type { DecisionLoop } from './decision-loop';
import type { Lifecycle } from './lifecycle';
import type { LiveOrchestrations } from './live-orchestrations';

export class CompensationFailures {
  constructor(
    private readonly journal: Journal,
    private readonly lifecycle: Lifecycle,
    private readonly live: LiveOrchestrations,
    private readonly loop: DecisionLoop,
  ) {}

  /** Newest first. */
  list(project: Project, filter: FailureFilter = {}): Promise<readonly StoredFailure[]> {
    return this.journal.failures(project.id, filter);
  }

  /** The record of any project: the caller checks who may see it. */
  get(id: string): Promise<StoredFailure | undefined> {
    return this.journal.failure(id);
  }

  /** Records that an operator has dealt with it. */
  async resolve(
    project: Project,
    { id: failureId, orchestrationId }: StoredFailure,
    resolution: 'resolved' | 'ignored',
    reason: string,
  ): Promise<void> {
    this.lifecycle.throwIfStopped();
    await this.live.execute(project, orchestrationId, { kind: 'resolve_failure', failureId, resolution, reason });
  }

  /**
   * Starts another round of attempts.
   *
   * @throws OrraError `ORRA_INVALID_RETRY` when the record cannot be retried now
   */
  async retry(project: Project, { id: failureId, orchestrationId }: StoredFailure): Promise<void> {
    this.lifecycle.throwIfStopped();
    await this.live.execute(project, orchestrationId, { kind: 'retry_compensation', failureId }, (orchestration) => {
      const problem = this.loop.retryProblem(orchestration, failureId);
      if (problem !== undefined) throw engineError('ORRA_INVALID_RETRY', problem, { details: { failureId } });
    });
  }
}
