/**
 * What a model wrote, as an answer: thinking cut off, prose around it ignored, broken JSON repaired as far as that is safe,
 * and anything else told back to it. The answer form is ours; that of the original engine's prompt is understood too.
 */
import { TASK_ZERO, isJsonObject, parseReference, parseValue, type PlanTask } from '@orra-ts/protocol';
import { Type, type Static } from '@sinclair/typebox';

import { excerpt, type PlanProblem } from '../../domain/plan-problems';
import { sameJson } from '../../domain/same-json';
import { repairJson } from './repair-json';

/** The answer form, as the prompt describes it; also what an endpoint is asked to keep to. */
export const AnswerSchema = Type.Object({
  actionable: Type.Optional(Type.Boolean()),
  reason: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  nearest: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  constants: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  capabilities: Type.Optional(
    Type.Union([Type.Array(Type.Object({ capability: Type.String(), service: Type.String() })), Type.Null()]),
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
  /** Without task0. */
  readonly tasks: readonly PlanTask[];
  /** Fields of task0 that were not submitted. */
  readonly constants: Readonly<Record<string, unknown>>;
  /** What the model says of a grounding's capabilities. */
  readonly capabilities: readonly { readonly capability: string; readonly service: string }[];
}

export type ModelAnswer =
  | ModelPlan
  | { readonly kind: 'not_actionable'; readonly reason: string; readonly nearest: readonly string[] }
  | { readonly kind: 'unreadable'; readonly problems: readonly PlanProblem[] };

/** Of one answer (E8). */
const MAX_LENGTH = 400_000;
const MAX_REASON_LENGTH = 1_000;
/** The original's marker: a task of this id says that the action cannot be done. */
const FINAL = 'final';

/** @param submitted names of the submitted fields: their values are the submitter's to say */
export function readAnswer(text: string, submitted: ReadonlySet<string>): ModelAnswer {
  if (text.length > MAX_LENGTH) return unreadable(`the answer has more than ${MAX_LENGTH} characters`);
  const found = findObjects(withoutThinking(text));
  const [first, ...others] = found.objects;
  if (!first) return unreadable(found.problem);
  if (others.some((other) => !sameJson(other, first))) {
    return unreadable('the answer holds more than one JSON object; answer with exactly one');
  }
  const parsed = parseValue(AnswerSchema, first);
  if (!parsed.ok) {
    const { path, message } = parsed.error;
    return unreadable(`the answer does not have the form that was asked for: ${path || 'the object'}: ${message}`);
  }
  return read(parsed.value, submitted);
}

function read(answer: Static<typeof AnswerSchema>, submitted: ReadonlySet<string>): ModelAnswer {
  const tasks = answer.tasks ?? [];
  const final = tasks.find(({ id }) => id.toLowerCase() === FINAL);
  if (answer.actionable === false || final) {
    const said = answer.reason ?? final?.input['error'] ?? final?.input['reason'];
    const reason = typeof said === 'string' && said.trim() !== '' ? said.trim() : 'the model gives no reason';
    return { kind: 'not_actionable', reason: excerpt(reason, MAX_REASON_LENGTH), nearest: answer.nearest ?? [] };
  }
  if (tasks.length === 0) {
    return unreadable('the answer has no tasks; give them, or answer {"actionable": false, "reason": "..."}');
  }
  const zero = tasks.find(({ id }) => id.toLowerCase() === TASK_ZERO);
  const constants = { ...zero?.input, ...answer.constants };
  return {
    kind: 'plan',
    tasks: tasks
      .filter((task) => task !== zero)
      .map(({ id, service, input }) => ({ id, ...(service ? { service } : {}), input })),
    // What it writes for submitted fields are not their values, which it need not know.
    constants: Object.fromEntries(
      Object.entries(constants).filter(([name, value]) => !submitted.has(name) && !isOwnReference(name, value)),
    ),
    capabilities: answer.capabilities ?? [],
  };
}

/** `{ "orderId": "$task0.orderId" }` says nothing. */
function isOwnReference(name: string, value: unknown): boolean {
  const reference = parseReference(value);
  return reference?.taskId === TASK_ZERO && reference.path.join('.') === name;
}

const unreadable = (message: string): ModelAnswer => ({ kind: 'unreadable', problems: [{ message }] });

/** Reasoning models show what they thought first; what was never closed hides the answer. */
function withoutThinking(text: string): string {
  const closed = text.replace(/<(think|thinking|reasoning)>[\s\S]*?<\/\1>/gi, '');
  const end = /<\/(?:think|thinking|reasoning)>/i.exec(closed);
  // The opening may be part of the model's template and not of its answer.
  return end ? closed.slice(end.index + end[0].length) : closed;
}

/** Every object that could be the answer: in fences if there are any, else from the first brace on. */
function findObjects(text: string): { readonly objects: readonly object[]; readonly problem: string } {
  const fenced = [...text.matchAll(/```[a-zA-Z0-9_-]*[ \t]*\r?\n?([\s\S]*?)```/g)].map(([, content = '']) => content);
  const outside = text.replace(/```[\s\S]*?```/g, '');
  const open = outside.indexOf('```');
  const candidates = [...fenced, ...bracedParts(open >= 0 ? outside.slice(open) : outside)];
  let problem = 'the answer holds no JSON object; answer with exactly one and nothing else';
  const objects: object[] = [];
  for (const candidate of candidates) {
    const result = parseObject(candidate);
    if (typeof result === 'string') problem = result;
    else if (result && isLikeAnswer(result)) objects.push(result);
  }
  return { objects, problem };
}

const isLikeAnswer = (value: Readonly<Record<string, unknown>>): boolean =>
  'tasks' in value || 'actionable' in value || 'reason' in value;

/** Parts of a text from a brace to the one that closes it. The last may be one that nothing closes. */
function bracedParts(text: string): string[] {
  const parts: string[] = [];
  let from = text.indexOf('{');
  while (from >= 0) {
    const end = closingOf(text, from);
    if (end === undefined) {
      parts.push(text.slice(from));
      break;
    }
    parts.push(text.slice(from, end + 1));
    from = text.indexOf('{', end + 1);
  }
  return parts;
}

/** An object, a sentence about why it is none, or undefined for what is not meant as one. */
function parseObject(text: string): Readonly<Record<string, unknown>> | string | undefined {
  const trimmed = text.trim();
  const from = trimmed.indexOf('{');
  if (from < 0) return undefined;
  try {
    const value: unknown = JSON.parse(trimmed);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    // Repairing what was cut off would make a shorter plan of it, which nobody asked for.
    if (closingOf(trimmed, from) === undefined) return 'the answer was cut off: its JSON does not end';
    try {
      const value: unknown = JSON.parse(repairJson(trimmed));
      return isJsonObject(value) ? value : undefined;
    } catch {
      return `the answer is no JSON: ${excerpt((error as Error).message, 200)}`;
    }
  }
}

/** Where the brace at `from` is closed, texts in either kind of quotes passed over. */
function closingOf(text: string, from: number): number | undefined {
  let depth = 0;
  let quote: string | undefined;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== undefined) {
      if (character === '\\') at++;
      else if (character === quote) quote = undefined;
      continue;
    }
    // An apostrophe within a word of some comment opens nothing.
    if (character === '"' || (character === "'" && /[\s:,[{]/.test(text.charAt(at - 1)))) quote = character;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      depth--;
      if (depth === 0) return at;
    }
  }
  return undefined;
}
