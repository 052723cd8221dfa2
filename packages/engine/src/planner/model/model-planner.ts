/**
 * Makes plans with a model, in at most three attempts: the problems of each response are sent back to the model. Its
 * plan passes the same validation as any other. The model may also respond that the services cannot do the action.
 * The text that the model writes reaches the submitter only as `reason`, and no log above `debug`.
 */
import { OrraError, Semaphore, callWithTimeout, type Clock, type Logger, type RandomNumber } from '@orra-ts/common';
import { TASK_ZERO, type Plan } from '@orra-ts/protocol';
import { engineError } from '../../errors';
import type { PlanningAttempt, PlanningRecord } from '../../domain/orchestration/planning-record';
import { describeProblems, type PlanProblem } from '../../domain/plan/plan-problems';
import { validatePlan } from '../../domain/plan/plan-validation';
import { coverageProblems } from '../grounding-coverage';
import { nearestServices } from '../nearest-services';
import type { PlanRequest, PlanningOutcome } from '../planner';
import { PlanResponseSchema, parsePlanResponse, type PlanResponse, type ModelPlan } from './plan-response';
import { ChatClient, type ChatMessage } from './chat-client';
import type { ChatCompletion } from './chat-reply';
import type { ResolvedModelOptions } from './model-options';
import { PROMPT_VERSION, correctionPrompt, labelled, planningPrompt } from './prompt';

export interface ModelPlannerContext {
  readonly clock: Clock;
  readonly random: RandomNumber;
  readonly logger: Logger;
}

/** The outcome, with the plan in a form that can be reused for other data. */
export type ModelOutcome = PlanningOutcome & {
  readonly proposal?: Proposal;
  /** `down`: the endpoint fails for any request. `late`: the timeout of this planning has expired. */
  readonly failure?: 'down' | 'late';
};

export interface Proposal {
  readonly tasks: ModelPlan['tasks'];
  readonly constants: ModelPlan['constants'];
  readonly capabilities: ModelPlan['capabilities'];
}

/** Maximum length of the prompt, in characters (E8): about 100,000 tokens, which is the limit of most models. */
const MAX_PROMPT_LENGTH = 400_000;
/** Maximum length of a refused response that is sent back to the model, in characters. */
const MAX_QUOTED_LENGTH = 20_000;

export class ModelPlanner {
  private readonly chat: ChatClient;
  private readonly calls: Semaphore;

  constructor(
    private readonly options: ResolvedModelOptions,
    private readonly context: ModelPlannerContext,
  ) {
    this.chat = new ChatClient(options, context);
    this.calls = new Semaphore(options.maxConcurrentCalls);
  }

  /** Rejects only with the signal's reason; failures of the endpoint are outcomes. */
  plan(request: PlanRequest, signal: AbortSignal): Promise<ModelOutcome> {
    // Prompt and deadline start after the queue: thousands may wait, and the wait must not use up the planning's
    // timeout.
    return this.calls.run(() => this.planNow(request, signal), signal);
  }

  private async planNow(request: PlanRequest, signal: AbortSignal): Promise<ModelOutcome> {
    const { services, rest } = planningPrompt({
      ...request,
      services: labelled(request.services),
      includeValues: this.options.includeValues,
    });
    if (services.length + rest.length > MAX_PROMPT_LENGTH) return tooLong(services.length, rest.length);
    const prompt = services + rest;
    const { clock } = this.context;
    const { timeoutMs } = this.options;
    const planning = new PlanningLog(this.options.model, clock);
    const late = (): OrraError =>
      engineError(
        'ORRA_MODEL_TIMEOUT',
        `the model did not produce a valid plan within ${timeoutMs} ms (option \`model.timeout\` or LLM_TIMEOUT)`,
        { retryable: true },
      );
    try {
      return await callWithTimeout({ clock, ms: timeoutMs, signal, timeoutError: late }, (all) =>
        this.attempts(request, prompt, planning, all),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OrraError)) throw error;
      const { code, details } = error;
      this.context.logger.warn('the call of the model failed', {
        model: this.options.model,
        code,
        ...statusOf(details),
      });
      planning.failed(error.message);
      const failure = code === 'ORRA_MODEL_TIMEOUT' ? 'late' : 'down';
      const reason = `the model ${this.options.model} could not be called: ${error.message}`;
      return { kind: 'failed', reason, planning: planning.record(), failure };
    }
  }

  private async attempts(
    request: PlanRequest,
    prompt: string,
    planning: PlanningLog,
    signal: AbortSignal,
  ): Promise<ModelOutcome> {
    const messages: ChatMessage[] = [{ role: 'user', content: prompt }];
    const submitted = new Set((request.data ?? []).map(({ field }) => field));
    let problems: readonly PlanProblem[] = [];
    for (let attempt = 1; attempt <= this.options.maxAttempts; attempt++) {
      planning.begin();
      const response = await this.chat.complete(messages, PlanResponseSchema, signal);
      this.context.logger.debug('the model responded', { attempt, content: response.content });
      const parsed = readChat(response, submitted);
      if (parsed.kind === 'not_actionable') {
        planning.end(response, undefined);
        const { reason } = parsed;
        const nearest = nearestServices(request.action, request.services, parsed.nearest);
        return { kind: 'not_actionable', reason, nearest, planning: planning.record() };
      }
      const checked = parsed.kind === 'plan' ? checkProposal(parsed, request) : parsed;
      if (checked.kind === 'sound') {
        planning.end(response, undefined);
        const { plan, grounding } = checked;
        const { tasks, constants, capabilities } = parsed as ModelPlan;
        return {
          kind: 'planned',
          plan,
          source: { kind: 'model', model: this.options.model },
          planning: planning.record(),
          grounding,
          proposal: { tasks, constants, capabilities },
        };
      }
      ({ problems } = checked);
      planning.end(response, problems);
      messages.push(
        { role: 'assistant', content: response.content.slice(0, MAX_QUOTED_LENGTH) || '(nothing)' },
        { role: 'user', content: correctionPrompt(problems) },
      );
    }
    const reason = `no valid plan in ${this.options.maxAttempts} responses of the model ${this.options.model}; the last one: ${describeProblems(problems)}`;
    return { kind: 'failed', reason, problems, planning: planning.record() };
  }
}

type Checked =
  | {
      readonly kind: 'sound';
      readonly plan: (PlanningOutcome & { kind: 'planned' })['plan'];
      readonly grounding?: PlanRequest['grounding'];
    }
  | { readonly kind: 'unsound'; readonly problems: readonly PlanProblem[] };

/** Validates a proposal for the data of this request, both when it is made and whenever it is reused. */
export function checkProposal({ tasks, constants, capabilities }: Proposal, request: PlanRequest): Checked {
  const submitted = Object.fromEntries((request.data ?? []).map(({ field, value }) => [field, value]));
  const plan: Plan = { tasks: [{ id: TASK_ZERO, input: { ...constants, ...submitted } }, ...tasks] };
  const { action } = request;
  // Problems are sent to the model, which must not see submitted values.
  const validation = validatePlan(plan, request.data, request.services, { action, quoteData: false });
  if (!validation.ok) return { kind: 'unsound', problems: validation.problems };
  const { plan: sound } = validation;
  const { grounding, services } = request;
  if (!grounding) return { kind: 'sound', plan: sound };
  const { coverage, problems } = coverageProblems(grounding, sound, capabilities, services);
  if (problems.length > 0) return { kind: 'unsound', problems };
  return { kind: 'sound', plan: sound, grounding: { ...grounding, coverage } };
}

function readChat({ content, finishReason, refusal }: ChatCompletion, submitted: ReadonlySet<string>): PlanResponse {
  if (refusal !== undefined) return { kind: 'not_actionable', reason: refusal.slice(0, 1_000), nearest: [] };
  if (finishReason === 'length') {
    const message = 'the response was cut off at its maximum length; respond with the JSON object only, and shorter';
    return { kind: 'unreadable', problems: [{ message }] };
  }
  return parsePlanResponse(content, submitted);
}

function tooLong(services: number, rest: number): PlanningOutcome {
  const reason = `the prompt for the model has ${services + rest} characters, the maximum is ${MAX_PROMPT_LENGTH}: ${services} describe the services of this project (register fewer in one project, or shorten their descriptions) and ${rest} the action and its data`;
  return { kind: 'failed', reason };
}

const statusOf = (details: OrraError['details']): object =>
  typeof details['status'] === 'number' ? { status: details['status'] } : {};

/** The record of a planning in progress. */
class PlanningLog {
  private readonly startedAt: number;
  private readonly attempts: PlanningAttempt[] = [];
  private attemptAt: number | undefined;

  constructor(
    private readonly model: string,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now();
  }

  begin(): void {
    this.attemptAt = this.clock.now();
  }

  end({ promptTokens, completionTokens }: Partial<ChatCompletion>, problems: readonly PlanProblem[] | undefined): void {
    this.attempts.push({
      durationMs: this.since(this.attemptAt ?? this.clock.now()),
      promptTokens,
      completionTokens,
      problems,
    });
    this.attemptAt = undefined;
  }

  /** Ends the current attempt as failed. */
  failed(message: string): void {
    if (this.attemptAt !== undefined) this.end({}, [{ message }]);
  }

  /** Never negative, even if the clock was set back. */
  private since(at: number): number {
    return Math.max(0, this.clock.now() - at);
  }

  record(): PlanningRecord {
    return {
      model: this.model,
      promptVersion: PROMPT_VERSION,
      durationMs: this.since(this.startedAt),
      attempts: [...this.attempts],
    };
  }
}
