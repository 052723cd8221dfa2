/**
 * Reads the response of a model: removes its reasoning, ignores prose around the JSON object, and repairs broken JSON
 * where that is safe. Anything else becomes a problem that is sent to the model in the next attempt. The form is
 * ours; that of the Go engine's prompt is accepted too.
 */
import { Type, type Static } from '@sinclair/typebox';
import { TASK_ZERO, parseReference, parseValue, type PlanTask } from '@orra-ts/protocol';

import { type PlanProblem } from '../../domain/plan/plan-problems';
import { sameJson } from '../../domain/same-json';
import { findObjects } from './find-objects';
import { excerpt } from '../../domain/excerpt';

/** The form of a response. The prompt describes it, and the endpoint is requested to guarantee it. */
export const PlanResponseSchema = Type.Object({
  actionable: Type.Optional(Type.Boolean()),
  reason: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  nearest: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  constants: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  capabilities: Type.Optional(
    Type.Union([
      Type.Array(Type.Object({ capability: Type.String(), service: Type.String() }), { maxItems: 1_000 }),
      Type.Null(),
    ]),
  ),
  tasks: Type.Optional(
    Type.Union([
      Type.Array(
        Type.Object({
          id: Type.String(),
          service: Type.Optional(Type.Union([Type.String(), Type.Null()])),
          input: Type.Record(Type.String(), Type.Unknown()),
        }),
      ),
      Type.Null(),
    ]),
  ),
});

export interface ModelPlan {
  readonly kind: 'plan';
  /** Tasks without task0. */
  readonly tasks: readonly PlanTask[];
  /** Fields of task0 that were not submitted. */
  readonly constants: Readonly<Record<string, unknown>>;
  /** The service that the model names for each capability of a grounding. */
  readonly capabilities: readonly { readonly capability: string; readonly service: string }[];
}

export type PlanResponse =
  | ModelPlan
  | { readonly kind: 'not_actionable'; readonly reason: string; readonly nearest: readonly string[] }
  | { readonly kind: 'unreadable'; readonly problems: readonly PlanProblem[] };

/** Maximum length of one response, in characters (E8). */
const MAX_LENGTH = 400_000;
const MAX_REASON_LENGTH = 1_000;
/** Marker of the Go engine's prompt: a task with this id means that the action is not actionable. */
const FINAL = 'final';

/** @param submitted names of the submitted fields: only the submitter sets their values */
export function parsePlanResponse(text: string, submitted: ReadonlySet<string>): PlanResponse {
  if (text.length > MAX_LENGTH) return unreadable(`the response has more than ${MAX_LENGTH} characters`);
  const found = findObjects(text, resemblesPlanResponse);
  const [first, ...others] = found.objects;
  if (!first) return unreadable(found.problem);
  if (others.some((other) => !sameJson(other, first))) {
    return unreadable('the response contains more than one JSON object; respond with exactly one');
  }
  const parsed = parseValue(PlanResponseSchema, first);
  if (!parsed.ok) {
    const { path, message } = parsed.error;
    return unreadable(`the response does not have the requested form: ${path || 'the object'}: ${message}`);
  }
  return read(parsed.value, submitted);
}

function read(response: Static<typeof PlanResponseSchema>, submitted: ReadonlySet<string>): PlanResponse {
  const tasks = response.tasks ?? [];
  const final = tasks.find(({ id }) => id.toLowerCase() === FINAL);
  if (response.actionable === false || final) {
    const given = response.reason ?? final?.input['error'] ?? final?.input['reason'];
    const reason = typeof given === 'string' && given.trim() !== '' ? given.trim() : 'the model gave no reason';
    return { kind: 'not_actionable', reason: excerpt(reason, MAX_REASON_LENGTH), nearest: response.nearest ?? [] };
  }
  if (tasks.length === 0) {
    return unreadable('the response has no tasks; add them, or respond with {"actionable": false, "reason": "..."}');
  }
  const zero = tasks.find(({ id }) => id.toLowerCase() === TASK_ZERO);
  const constants = { ...zero?.input, ...response.constants };
  return {
    kind: 'plan',
    tasks: tasks
      .filter((task) => task !== zero)
      .map(({ id, service, input }) => ({ id, service: service || undefined, input })),
    // Values that the model writes for submitted fields are ignored; it may not know the real ones.
    constants: Object.fromEntries(
      Object.entries(constants).filter(([name, value]) => !submitted.has(name) && !isOwnReference(name, value)),
    ),
    capabilities: response.capabilities ?? [],
  };
}

/** Returns whether a constant only refers to itself, such as `{ "orderId": "$task0.orderId" }`. */
function isOwnReference(name: string, value: unknown): boolean {
  const reference = parseReference(value);
  return reference?.taskId === TASK_ZERO && reference.path.join('.') === name;
}

const unreadable = (message: string): PlanResponse => ({ kind: 'unreadable', problems: [{ message }] });

const resemblesPlanResponse = (value: Readonly<Record<string, unknown>>): boolean =>
  'tasks' in value || 'actionable' in value || 'reason' in value;
