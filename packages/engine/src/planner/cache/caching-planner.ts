/**
 * A model's plans, made once for requests that can share one. A cached plan is only ever a proposal: it passes the whole
 * validation again, with the values of the request at hand.
 *
 * Who asks while the same is being planned waits for that. Its plan is theirs if their data are the same or if it holds no
 * value of its own; else they ask for themselves, so that nobody's values reach anybody else.
 */
import type { Logger } from '@orra-ts/common';
import { sameJson } from '../../domain/same-json';
import { checkProposal, type ModelOutcome, type ModelPlanner } from '../model/model-planner';
import type { Planner, PlanningOutcome, PlanRequest } from '../planner';
import { isReusable, literalsOf } from './literals';
import type { CachedPlan, PlanCache } from './plan-cache';
import { planKey, type PlanKeyContext } from './plan-key';

export interface CachingPlannerContext extends PlanKeyContext {
  /** Absent: plans are shared while they are made, and not kept. */
  readonly cache?: PlanCache;
  readonly logger: Logger;
}

export class CachingPlanner implements Planner {
  /** What is being planned, by project and key. */
  private readonly flights = new Map<string, Flight>();

  constructor(
    private readonly model: Pick<ModelPlanner, 'plan'>,
    private readonly context: CachingPlannerContext,
  ) {}

  plan(request: PlanRequest, { signal }: { readonly signal: AbortSignal }): PlanningOutcome | Promise<PlanningOutcome> {
    if (request.action.trim() === '') return { kind: 'not_actionable', reason: 'the action is empty' };
    const key = planKey(request, this.context);
    return this.cached(request, key) ?? this.shared(request, key, signal);
  }

  private cached(request: PlanRequest, key: string, mayUse = isOfItsWords): PlanningOutcome | undefined {
    const found = this.context.cache?.get(request.projectId, key);
    if (!found || !mayUse(found, request)) return undefined;
    const checked = checkProposal(found.proposal, request);
    if (checked.kind === 'unsound') {
      // It was sound for other values of the same types; theirs stay in use until a new one is made.
      this.context.logger.debug('a cached plan does not fit', { projectId: request.projectId });
      return undefined;
    }
    const { plan, grounding } = checked;
    const source = { kind: 'cache', model: found.model } as const;
    return { kind: 'planned', plan, source, ...(grounding ? { grounding } : {}) };
  }

  private async shared(request: PlanRequest, key: string, signal: AbortSignal): Promise<PlanningOutcome> {
    const id = `${request.projectId} ${key}`;
    const underWay = this.flights.get(id);
    if (underWay) {
      const outcome = await underWay.join(signal);
      if (isSameRequest(underWay.request, request) || isOfTheEndpoint(outcome)) return asShared(outcome);
      return this.cached(request, key, hasNoLiterals) ?? this.ask(request, key, signal);
    }
    const flight = new Flight(
      request,
      (whole) => this.ask(request, key, whole),
      (ended) => {
        if (this.flights.get(id) === ended) this.flights.delete(id);
      },
    );
    this.flights.set(id, flight);
    return flight.join(signal);
  }

  private async ask(request: PlanRequest, key: string, signal: AbortSignal): Promise<PlanningOutcome> {
    const { proposal, ...outcome }: ModelOutcome = await this.model.plan(request, signal);
    if (proposal && isReusable(proposal, request.data)) {
      this.context.cache?.put(request.projectId, key, { proposal, action: request.action, model: this.context.model });
    }
    return outcome;
  }
}

/** One planning and those who wait for it: it goes on as long as one of them does. */
class Flight {
  private readonly ending = new AbortController();
  private readonly outcome: Promise<PlanningOutcome>;
  private waiting = 0;

  constructor(
    readonly request: PlanRequest,
    plan: (signal: AbortSignal) => Promise<PlanningOutcome>,
    private readonly over: (flight: Flight) => void,
  ) {
    this.outcome = plan(this.ending.signal).finally(() => over(this));
    this.outcome.catch(() => undefined);
  }

  /** @throws the signal's reason when whoever waits goes away */
  async join(signal: AbortSignal): Promise<PlanningOutcome> {
    this.waiting++;
    let leave: () => void = () => undefined;
    const left = new Promise<never>((_, reject) => (leave = () => reject(signal.reason as Error)));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([this.outcome, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      this.waiting--;
      if (this.waiting === 0) {
        this.over(this);
        this.ending.abort(signal.reason);
      }
    }
  }
}

/** What the plan says in its own values may have been in the words, to the letter. */
const isOfItsWords = (cached: CachedPlan, { action }: PlanRequest): boolean =>
  cached.action === action || hasNoLiterals(cached);

const hasNoLiterals = ({ proposal }: CachedPlan): boolean => literalsOf(proposal).length === 0;

const isSameRequest = (a: PlanRequest, b: PlanRequest): boolean => a.action === b.action && sameJson(a.data, b.data);

/** That the endpoint is down has nothing to do with what it was asked. */
const isOfTheEndpoint = (outcome: PlanningOutcome): boolean => outcome.kind === 'failed' && !outcome.problems;

/** Somebody else's request has paid for it. */
function asShared(outcome: PlanningOutcome): PlanningOutcome {
  if (outcome.kind !== 'planned' || outcome.source.kind !== 'model') return outcome;
  const { planning: _, ...shared } = outcome;
  return { ...shared, source: { kind: 'cache', model: outcome.source.model } };
}
