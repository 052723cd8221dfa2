/**
 * Caches the plans of a model for requests that can share one. A cached plan is only a proposal: it passes the whole
 * validation again, with the values of the current request.
 *
 * A request waits if an equivalent one is being planned. It uses that plan if its data are the same or if the plan
 * holds no literal values. Otherwise it asks the model itself, so that the values of one submitter never reach
 * another.
 */
import { raceAbort, type Logger } from '@orra-ts/common';
import { sameJson } from '../../domain/same-json';
import { checkProposal, type ModelOutcome, type ModelPlanner } from '../model/model-planner';
import type { Planner, PlannerOptions, PlanningOutcome, PlanRequest } from '../planner';
import { hasLiterals, isReusable } from './literals';
import type { PlanCache } from './plan-cache';
import { planKeys, requestKey, type PlanKeyContext, type PlanKeys } from './plan-key';

export interface CachingPlannerContext extends PlanKeyContext {
  /** Default: plans are shared while they are being made, and not kept. */
  readonly cache?: PlanCache;
  readonly logger: Logger;
}

export class CachingPlanner implements Planner {
  /** Plannings in progress, by project and key. */
  private readonly flights = new Map<string, Flight>();

  constructor(
    private readonly model: Pick<ModelPlanner, 'plan'>,
    private readonly context: CachingPlannerContext,
  ) {}

  plan(request: PlanRequest, options: PlannerOptions): PlanningOutcome | Promise<PlanningOutcome> {
    if (request.action.trim() === '') return { kind: 'not_actionable', reason: 'the action is empty' };
    const keys = planKeys(request, this.context);
    return (
      this.cached(request, keys.general) ??
      this.cached(request, keys.verbatim) ??
      this.shared(request, keys, keys.general, options.signal())
    );
  }

  private cached(request: PlanRequest, key: string): PlanningOutcome | undefined {
    const found = this.context.cache?.get(request.projectId, key);
    if (!found) return undefined;
    const checked = checkProposal(found.proposal, request);
    if (checked.kind === 'unsound') {
      // It was valid for other values of the same types, and stays cached for those until a new plan replaces it.
      this.context.logger.debug('a cached plan does not fit', { projectId: request.projectId });
      return undefined;
    }
    const { plan, grounding } = checked;
    const source = { kind: 'cache', model: found.model } as const;
    return { kind: 'planned', plan, source, grounding };
  }

  /** @param key identifies the planning to join: first that of equivalent requests, then that of identical ones only */
  private async shared(
    request: PlanRequest,
    keys: PlanKeys,
    key: string,
    signal: AbortSignal,
  ): Promise<PlanningOutcome> {
    const id = `${request.projectId} ${key}`;
    const underWay = this.flights.get(id);
    if (!underWay) {
      const flight = new Flight(
        request,
        (whole) => this.ask(request, keys, whole),
        (ended) => {
          if (this.flights.get(id) === ended) this.flights.delete(id);
        },
      );
      this.flights.set(id, flight);
      return outcomeOf(await flight.join(signal));
    }
    const outcome = await underWay.join(signal);
    const { failure } = outcome;
    const isTheirs = failure === 'down' || (failure !== 'late' && isSameRequest(underWay.request, request));
    if (isTheirs) return asShared(outcomeOf(outcome));
    return this.cached(request, keys.general) ?? this.shared(request, keys, requestKey(keys, request), signal);
  }

  private async ask(request: PlanRequest, keys: PlanKeys, signal: AbortSignal): Promise<ModelOutcome> {
    const outcome = await this.model.plan(request, signal);
    const { proposal } = outcome;
    if (proposal && isReusable(proposal, request.data)) {
      const key = hasLiterals(proposal) ? keys.verbatim : keys.general;
      this.context.cache?.put(request.projectId, key, { proposal, model: this.context.model });
    }
    return outcome;
  }
}

/** One planning and the requests that wait for it. It continues as long as one of them waits. */
class Flight {
  private readonly ending = new AbortController();
  private readonly outcome: Promise<ModelOutcome>;
  private waiting = 0;

  constructor(
    readonly request: PlanRequest,
    plan: (signal: AbortSignal) => Promise<ModelOutcome>,
    private readonly over: (flight: Flight) => void,
  ) {
    this.outcome = plan(this.ending.signal).finally(() => over(this));
    this.outcome.catch(() => undefined);
  }

  /** @throws the signal's reason when the waiting request is aborted */
  async join(signal: AbortSignal): Promise<ModelOutcome> {
    this.waiting++;
    try {
      return await raceAbort(this.outcome, signal);
    } finally {
      this.waiting--;
      if (this.waiting === 0) {
        this.over(this);
        this.ending.abort(signal.reason);
      }
    }
  }
}

const isSameRequest = (a: PlanRequest, b: PlanRequest): boolean => a.action === b.action && sameJson(a.data, b.data);

const outcomeOf = ({ proposal: _, failure: __, ...outcome }: ModelOutcome): PlanningOutcome => outcome;

/** Marks the plan as cached, because another request paid for it. */
function asShared(outcome: PlanningOutcome): PlanningOutcome {
  if (outcome.kind !== 'planned' || outcome.source.kind !== 'model') return outcome;
  const { planning: _, ...shared } = outcome;
  return { ...shared, source: { kind: 'cache', model: outcome.source.model } };
}
