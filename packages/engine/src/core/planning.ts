/**
 * Asks the planner for the plan of an orchestration or of a preview, and turns the outcome into events and errors. It
 * changes no state: the caller executes the command.
 */
import { type OrraError, toError } from '@orra-ts/common';
import { hasSensitive, type DataField, type OrchestrationId, type Plan } from '@orra-ts/protocol';
import { engineError } from '../errors';
import type { Catalog, Project } from '../catalog/catalog';
import type { EventOf } from '../domain/orchestration/events';
import type { Planner, PlannerOptions, PlanningOutcome, PlanRequest } from '../planner/planner';

/** Maximum actions that wait for a plan, previews included: each is in memory, and a model plans a few at a time (E8). */
const MAX_UNDER_WAY = 10_000;

/** The request for a plan. */
export interface PlanningSubject {
  readonly action: { readonly content: string };
  readonly data: readonly DataField[] | null;
  /** A plan in the request. */
  readonly explicit?: Plan | null;
}

export class Planning {
  private underWay = 0;
  /** End the planning of previews. */
  private readonly previews = new Set<AbortController>();

  constructor(
    private readonly planner: Planner,
    private readonly catalog: Catalog,
  ) {}

  /** Returns whether a service of the project has sensitive inputs. */
  hasSensitiveInputs(project: Project): boolean {
    return this.catalog.services(project.id).some(({ schema }) => hasSensitive(schema.input));
  }

  /** @throws OrraError `ORRA_ENGINE_FULL` when too many actions wait for a plan (E8) */
  throwIfFull(): void {
    if (this.underWay < MAX_UNDER_WAY) return;
    throw engineError(
      'ORRA_ENGINE_FULL',
      `${this.underWay} actions are being planned, no more are accepted until some have their plan; pin plans for frequent actions, or allow more concurrent calls of the model (option \`model.maxConcurrentCalls\`)`,
      { details: { planning: this.underWay } },
    );
  }

  /**
   * Returns the outcome at once if the planner does. Never throws or rejects: a failure is an outcome.
   *
   * @param signal returns what ends the planning; called by planners that take time
   */
  plan(
    project: Project,
    { action, data, explicit }: PlanningSubject,
    signal: PlannerOptions['signal'],
  ): PlanningOutcome | Promise<PlanningOutcome> {
    const request: PlanRequest = {
      projectId: project.id,
      action: action.content,
      data,
      explicit: explicit ?? undefined,
      services: this.catalog.services(project.id),
      definedPlans: this.catalog.plans(project.id),
      groundings: this.catalog.groundings(project.id),
      // The current settings: an orchestration may be planned long after it was submitted.
      strictGroundings: this.catalog.project(project.id)?.settings.groundings === 'strict',
    };
    if (request.services.length === 0) {
      return { kind: 'failed', reason: 'no services found for this project; register and connect one first' };
    }
    const unanswered: PlanningOutcome = { kind: 'failed', reason: 'no planner answered' };
    const failed = (error: unknown): PlanningOutcome => ({ kind: 'failed', reason: toError(error).message });
    try {
      const answer = this.planner.plan(request, { signal });
      if (!(answer instanceof Promise)) return answer ?? unanswered;
      this.underWay++;
      return answer.then((outcome) => outcome ?? unanswered, failed).finally(() => this.underWay--);
    } catch (error) {
      return failed(error);
    }
  }

  /** Plans without running. Planning ends when the caller's signal aborts. */
  async preview(project: Project, subject: PlanningSubject, asked?: AbortSignal): Promise<PlanningOutcome> {
    const ending = new AbortController();
    const end = (): void => ending.abort(asked?.reason);
    if (asked?.aborted) end();
    asked?.addEventListener('abort', end, { once: true });
    this.previews.add(ending);
    try {
      return await this.plan(project, subject, () => ending.signal);
    } finally {
      this.previews.delete(ending);
      asked?.removeEventListener('abort', end);
    }
  }

  /** Ends the previews; orchestrations end their own planning. */
  close(reason: OrraError): void {
    for (const preview of this.previews) preview.abort(reason);
  }
}

export function plannedEvent(outcome: PlanningOutcome, at: number): EventOf<'planned'> | EventOf<'planning_failed'> {
  const { planning, grounding } = outcome;
  const facts = { planning, grounding };
  switch (outcome.kind) {
    case 'planned':
      return { type: 'planned', at, plan: outcome.plan, source: outcome.source, ...facts };
    case 'not_actionable': {
      const { reason: error, nearest } = outcome;
      return {
        type: 'planning_failed',
        at,
        status: 'not_actionable',
        error,
        nearest,
        ...facts,
      };
    }
    case 'invalid':
    case 'failed': {
      const { reason: error, problems } = outcome;
      return { type: 'planning_failed', at, status: 'failed', error, problems, ...facts };
    }
  }
}

/** The error for a submitter that waits for the plan. */
export function planningError(
  outcome: Exclude<PlanningOutcome, { kind: 'planned' }>,
  orchestrationId: OrchestrationId,
): OrraError {
  if (outcome.kind === 'not_actionable') {
    return engineError('ORRA_NOT_ACTIONABLE', outcome.reason, { details: { orchestrationId } });
  }
  const { reason, problems } = outcome;
  const code = outcome.kind === 'invalid' ? 'ORRA_INVALID_SUBMISSION' : 'ORRA_PLANNING_FAILED';
  return engineError(code, reason, { details: { orchestrationId, problems } });
}
